"""From a question to a checked answer: search, verify, count.

`find` chooses the search: exhaustive with proof where the problem is small enough, anytime beams
for more keys.  Whatever is found goes through `verify` before it is handed out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import ceil, factorial, log
from typing import TYPE_CHECKING

from sortopt.base import UNLIMITED, Budget, Disagreement, InputError, LimitReached
from sortopt.model import SORT, Action, Instr, Judgement, Kernel, Proved, Refuted, build
from sortopt.search.space import Problem
from sortopt.verify import verify

if TYPE_CHECKING:
    from sortopt.certificate import Check
    from sortopt.search.exhaustive import Proof

LARGEST_EXHAUSTIVE = 4
"""The most keys for which the shortest kernel is searched with proof unless told otherwise."""

LARGEST_WITH_ALL_INPUTS = 5
"""The most keys for which kernels of minima and maxima are searched over all inputs."""

ANYTIME_SECONDS = 60.0
"""How long an anytime search runs unless told otherwise, in seconds."""

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Effort:
    """What a search may spend: seconds, bytes, threads; and how the anytime search spends it.

    `threads` None means every core this process may use.
    """

    time_limit: float | None = None
    memory_limit: int | None = None
    threads: int | None = None
    seed: int = 0
    beam: int | None = None

    @property
    def cores(self) -> int:
        """The number of threads to use."""
        if self.threads is not None:
            return self.threads
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


@dataclass(frozen=True)
class Answer:
    """What a search found, and what of it is proved.

    `lower_bound` is proved: no kernel of the problem is shorter.  `judgement` is the verdict of
    the two proofs on `kernel`.  `count` is the exact number of shortest kernels where it was asked
    for, and `listing` yields them.  `stopped` says why the search ended before an
    answer.  `seconds` leaves out loading the compiled code.  `improvements` are those of an anytime
    search: (length, seconds since its start) of each kernel shorter than those before.
    `taken_over` names the folder of a checkpoint that the bound rests on, not checked again.
    """

    problem: Problem
    kernel: Kernel | None
    lower_bound: int
    states: int
    seconds: float
    judgement: Judgement | None = None
    stopped: str | None = None
    anytime: bool = False
    count: int | None = None
    in_order: bool = False
    listing: Callable[[], Iterator[Kernel]] | None = None
    proof: Proof | None = None
    improvements: tuple[tuple[int, float], ...] = ()
    taken_over: str | None = None

    @property
    def length(self) -> int | None:
        """The length of the kernel found."""
        return None if self.kernel is None else len(self.kernel)

    @property
    def proved_minimal(self) -> bool:
        """Whether no shorter kernel exists, by proof."""
        return self.length == self.lower_bound

    @property
    def verified(self) -> bool:
        """Whether the kernel is proved right for all inputs of the problem."""
        return self.judgement is not None and isinstance(self.judgement.verdict, Proved)

    @property
    def kernels(self) -> tuple[Kernel, ...]:
        """The kernel found, as a tuple of none or one."""
        return () if self.kernel is None else (self.kernel,)


def find(
    problem: Problem,
    effort: Effort = Effort(),
    *,
    max_length: int | None = None,
    every: bool = False,
    prove: bool = False,
    keep_proof: bool = False,
    checkpoint: str | None = None,
    report: Report | None = None,
) -> Answer:
    """Search a shortest kernel of `problem`, verify it and, with `every`, count all of them.

    With `prove` or a `max_length` the search is exhaustive whatever the number of keys; up to four
    keys, and where there is no anytime search, it is so anyway.  `keep_proof` keeps what a
    certificate is made of (see `write_certificate`); `checkpoint` names a folder to go on from.
    Raises InputError where the problem is too large for the search chosen, `every` is asked of an
    anytime search or the folder cannot be used, and Disagreement where a kernel found is refuted.
    """
    problem = by_zero_one(problem)
    asked = prove or keep_proof or checkpoint is not None
    if asked or max_length is not None or not uses_beams(problem):
        if effort.time_limit is None and problem.n > LARGEST_EXHAUSTIVE and not asked:
            effort = replace(effort, time_limit=ANYTIME_SECONDS)
        answer = _exhaustive(problem, effort, max_length, keep_proof, checkpoint, report)
    elif every:
        raise InputError(
            f"kernels of {problem.n} keys are not proved shortest, so not all can be listed",
            hint="drop --all and --count, or prove it first: --prove",
        )
    else:
        answer = _anytime(problem, effort, report)
    answer = _verified(answer)
    if every and answer.kernel is not None and answer.stopped is None:
        answer = _with_optima(answer, effort, report)
    return answer


def uses_beams(problem: Problem) -> bool:
    """Whether `problem` is searched without proof unless told otherwise."""
    return problem.n > LARGEST_EXHAUSTIVE and has_anytime(problem)


def by_zero_one(problem: Problem) -> Problem:
    """Return `problem` over inputs of two key values, where that is all that need be searched.

    For few keys the assignments of all inputs are few as well, and bound better.
    """
    plain = problem.monotone and not (problem.assume or problem.distinct)
    if plain and problem.n > LARGEST_WITH_ALL_INPUTS:
        return replace(problem, two_values=True)
    return problem


def has_anytime(problem: Problem) -> bool:
    """Whether there is an anytime search for `problem`: plain sorting, in place.

    With conditional moves, or, for more keys than are searched exhaustively, with minima and
    maxima; of two operands.
    """
    minmax = problem.monotone
    keys, scratch = (range(7, 9), (1,)) if minmax else (range(2, 9), (1, 2))
    if problem.n not in keys or problem.scratch not in scratch:
        return False
    if any(len(form.operands) > 2 for form in problem.forms):
        return False
    plain = Problem(problem.n, problem.isa, scratch=problem.scratch, signedness=problem.signedness)
    more = set(problem.conditions) >= set(plain.conditions)
    return more and replace(problem, conditions=plain.conditions) == by_zero_one(plain)


def simple_bound(problem: Problem) -> int:
    """Return a lower bound that needs no search, 0 where none is known.

    To sort n distinct keys in place, every cell must be written.  Where only comparisons tell keys
    apart, their outcomes (three each) must tell n! orders apart as well: n + ceil(log3 n!).
    """
    if problem.n < 2 or problem.goal != SORT or not problem.in_place or problem.assume:
        return 0
    if any(form.action in (Action.MINIMUM, Action.MAXIMUM) for form in problem.forms):
        return problem.n
    return problem.n + ceil(log(factorial(problem.n), 3) - 1e-9)


def _exhaustive(
    problem: Problem,
    effort: Effort,
    max_length: int | None,
    keep_proof: bool,
    checkpoint: str | None,
    report: Report | None,
) -> Answer:
    from sortopt.base import Watch
    from sortopt.search.exhaustive import compiled, shortest

    compiled.load()
    watch = Watch(effort.time_limit, effort.memory_limit, report)
    found = shortest(
        problem,
        max_length=max_length,
        threads=effort.cores,
        watch=watch,
        progress=watch.note,
        keep_proof=keep_proof,
        checkpoint=checkpoint,
        known=None if checkpoint or max_length is not None else _known(problem, effort),
    )
    return Answer(
        problem,
        found.kernel,
        max(found.lower_bound, simple_bound(problem)),
        found.states,
        found.seconds,
        stopped=found.stopped,
        proof=found.proof,
        taken_over=found.taken_over,
    )


def _known(problem: Problem, effort: Effort) -> Kernel | None:
    """Return a kernel from one round of the anytime search, to have one before the proof."""
    if problem.n != LARGEST_EXHAUSTIVE or not has_anytime(problem):
        return None
    from sortopt.search.beams import anytime

    found = anytime.improve(
        problem.n,
        rounds=1,
        time_limit=effort.time_limit,
        seed=effort.seed,
        threads=effort.cores,
        scratch=problem.scratch,
    )
    return fitted(problem, found.kernel)


def fitted(problem: Problem, kernel: Kernel | None) -> Kernel | None:
    """Return a kernel of the anytime search in the problem's conditions, outputs in order."""
    return None if kernel is None else in_order(in_conditions_of(problem, kernel))


def in_order(kernel: Kernel) -> Kernel:
    """Rename the registers of a kernel that sorts in place so that output i is input i.

    Sound because every order of the keys may come in, so which key is in which input is free.
    """
    contract, registers = kernel.contract, iter(kernel.isa.registers)
    names = {cell: next(registers) for cell in (*contract.outputs, *kernel.scratch)}
    keys = [names[cell] for cell in contract.outputs]
    return build(
        kernel.isa,
        [(i.form, tuple(names[cell] for cell in i.operands)) for i in kernel.instructions],
        inputs=keys,
        outputs=keys,
    )


def in_conditions_of(problem: Problem, kernel: Kernel) -> Kernel:
    """Return a kernel for signed keys with the conditions, or the minima, of `problem`."""
    return kernel.with_instructions(
        Instr(kernel.isa.of_sign(i.form, problem.signedness), i.operands)
        for i in kernel.instructions
    )


def _anytime(problem: Problem, effort: Effort, report: Report | None) -> Answer:
    from sortopt.search.beams import anytime

    def improved(kernel: Kernel, seconds: float) -> None:
        if report is not None:
            report(f"{len(kernel)} instructions after {seconds:.1f} s")

    seconds = effort.time_limit or ANYTIME_SECONDS
    found = anytime.improve(
        problem.n,
        scratch=problem.scratch,
        time_limit=seconds,
        beam=effort.beam,
        seed=effort.seed,
        threads=effort.cores,
        isa=problem.isa,
        on_improvement=improved,
    )
    stopped = "interrupted" if found.stopped == "interrupted" else None
    if stopped is None and found.kernel is None:
        stopped = f"the time limit of {seconds:g} s is reached"
    return Answer(
        problem,
        fitted(problem, found.kernel),
        simple_bound(problem),
        found.states,
        found.seconds,
        stopped=stopped,
        anytime=True,
        improvements=tuple((len(i.kernel), i.seconds) for i in found.improvements),
    )


def _verified(answer: Answer) -> Answer:
    """Return `answer` with the verdict of the two proofs; a refutation is a bug and says so."""
    if answer.kernel is None:
        return answer
    judgement = verify(answer.kernel)
    if isinstance(judgement.verdict, Refuted):
        raise Disagreement(
            f"the search found a kernel that fails on {judgement.verdict.counterexample.inputs}",
            hint="this is a bug in sortopt; please report it with the command you ran",
        )
    return replace(answer, judgement=judgement)


def _with_optima(answer: Answer, effort: Effort, report: Report | None) -> Answer:
    """Return `answer` with the exact number of shortest kernels and their listing."""
    from sortopt.base import Watch
    from sortopt.search.optima import optima

    if not answer.proved_minimal or answer.length is None:
        raise InputError(
            "only kernels proved shortest can be counted or listed", hint="drop --all and --count"
        )
    watch = Watch(effort.time_limit, effort.memory_limit, report)
    try:
        found = optima(
            answer.problem, answer.length, threads=effort.cores, watch=watch, progress=watch.note
        )
    except LimitReached as limit:
        return replace(answer, stopped=limit.message)
    except KeyboardInterrupt:
        return replace(answer, stopped="interrupted")
    return replace(
        answer,
        states=answer.states + found.states,
        seconds=answer.seconds + watch.seconds,
        count=found.count,
        in_order=found.in_order,
        listing=found.kernels,
    )


def write_certificate(answer: Answer, path: str, *, force: bool = False) -> str:
    """Write the certificate of the answer's lower bound; return its claim.

    Raises InputError where nothing was proved, or the file cannot be written.
    """
    from sortopt.certificate import Question, file, make

    if answer.proof is None:
        raise InputError("no lower bound was proved, so there is nothing to certify")
    search = answer.proof.search
    certificate = make(Question.of(search.universe.problem.record()), search.limit)
    if certificate is None:
        raise Disagreement(
            "the certificate's maker finds a kernel where the search proved that there is none",
            hint="this is a bug in sortopt; please report it with the command you ran",
        )
    file.write(path, certificate, force=force)
    return certificate.claim


def certify(path: str, budget: Budget = UNLIMITED) -> Check:
    """Check the certificate in the file `path`.

    Raises InputError where it cannot be read, LimitReached where the budget does not suffice.
    """
    from sortopt.certificate import check, file

    return check(file.read(path, budget), budget)
