"""From a question to a checked answer: search, verify, count.

`find` chooses the search: exhaustive with proof where the problem is small enough, anytime beams
for more keys.  Whatever is found goes through `verify` before it is handed out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from sortopt.base import (
    INTERRUPTED,
    STOPS,
    UNLIMITED,
    Budget,
    Disagreement,
    InputError,
    LimitReached,
    why_stopped,
)
from sortopt.model import SORT, Refuted, Rung
from sortopt.search.space import Problem, check_size, excess
from sortopt.tasks.answer import Answer
from sortopt.tasks.numbers_kept import MOST_LISTED, first_on_rung
from sortopt.tasks.ways import (
    LARGEST_EXHAUSTIVE,
    by_zero_one,
    has_anytime,
    of_three_operands,
    simple_bound,
    uses_beams,
)
from sortopt.tasks.without_search import in_order, of_registers, of_type, without_search
from sortopt.verify import verify

if TYPE_CHECKING:
    from sortopt.search.bounds import Composed, PatternDatabase

MOST_CELLS_UNRESTRICTED = 5
"""The most cells of which, if asked, bounds are proved for kernels that compare undefined cells."""

ANYTIME_SECONDS = 60.0
"""How long an anytime search runs unless told otherwise, in seconds."""


def find(
    problem: Problem,
    budget: Budget = UNLIMITED,
    *,
    max_length: int | None = None,
    every: bool = False,
    prove: bool = False,
    checkpoint: str | None = None,
    spill: str | None = None,
    cluster: str | None = None,
    seed: int = 0,
    beam: int | None = None,
) -> Answer:
    """Search a shortest kernel of `problem`, verify it and, with `every`, count all of them.

    With `prove` or a `max_length` the search is exhaustive whatever the number of keys; up to four
    keys, and where there is no anytime search, it is so anyway.  `checkpoint` names a folder to go
    on from, `spill` one for states that memory has no room for, `cluster` the workers that prove
    (`local:2`, or the address of a Dask scheduler).  Where the budget is spent, or on
    Ctrl-C, what is known so far is the answer, and `stopped` says why; the budget begins when
    compiled code is loaded.  Raises InputError where the problem is too large for the search
    chosen, `every` is asked of an anytime search or a folder cannot be used, and Disagreement where
    a kernel found is refuted.
    """
    if problem.isa.floating and not problem.values_only:
        if every or checkpoint is not None or cluster is not None:
            raise InputError(
                f"kernels of {problem.isa.name} on the rung {problem.keep} are found one at a time",
                hint="drop --all, --count, --checkpoint and --cluster, or --keep",
            )
        plain = replace(problem, keep=Rung.VALUES)
        found = find(
            plain, budget, max_length=max_length, every=problem.n <= MOST_LISTED, prove=prove,
            seed=seed, beam=beam,
        )  # fmt: skip
        return _kept(problem, found, budget, max_length)
    if spill is not None:  # said before the work, not after the bounds
        from sortopt.search.exhaustive import check_folder

        check_folder(spill)
    if cluster is not None:
        from sortopt.search.exhaustive import check_cluster

        check_cluster(cluster)
    problem = by_zero_one(problem)
    asked = prove or checkpoint is not None
    exhaustive = asked or max_length is not None or not uses_beams(problem)
    if every and problem.pairs:
        raise InputError("kernels with --pairs are not counted", hint="drop --all and --count")
    if not exhaustive and every:
        raise InputError(
            f"kernels of {problem.n} keys are not proved shortest, so not all can be listed",
            hint="drop --all and --count, or prove it first: --prove",
        )
    seconds = budget.seconds
    if seconds is None and (problem.n > LARGEST_EXHAUSTIVE or not exhaustive) and not asked:
        seconds = ANYTIME_SECONDS
    budget = replace(budget, seconds=seconds)
    answer = Answer(problem, None, simple_bound(problem), 0, 0.0, anytime=not exhaustive)
    whole = checkpoint is None and max_length is None
    many = problem.n >= LARGEST_EXHAUSTIVE
    quick = not (problem.in_memory or of_three_operands(problem))
    begins = whole and exhaustive and quick and uses_beams(problem)
    database: PatternDatabase | None = None
    try:
        if (whole and many) or not exhaustive:  # to have a kernel from the first moment
            answer = replace(answer, kernel=without_search(problem))
        bounds = _composed(problem, budget)
        answer = _bounded(answer, next(bounds, None))
        if exhaustive and answer.composed is None:
            check_size(_easiest(problem))
        _load(problem, exhaustive=exhaustive, beams=begins or not exhaustive)
        budget.restart()
        if begins:  # to have a kernel before the proof
            answer = _with_beams(answer, budget, seed, rounds=1)
        few = problem.n <= LARGEST_EXHAUSTIVE
        while (prove or few) and answer.stopped is None and not answer.proved_minimal:
            if _rules_out(answer, max_length) or (higher := next(bounds, None)) is None:
                break
            answer = _bounded(answer, higher)
        if not exhaustive:
            answer = _with_beams(answer, budget, seed, beam)
        elif answer.stopped is None and not _rules_out(answer, max_length):
            if answer.composed is not None and (why := excess(_easiest(problem))) is not None:
                answer = replace(answer, stopped=f"an exhaustive search needs {why}")
            else:
                places = {"checkpoint": checkpoint, "spill": spill, "cluster": cluster}
                answer, database = _with_proof(answer, budget, max_length, places, prove=prove)
        answer = _verified(answer)
        if every and answer.kernel is not None and answer.stopped is None:
            answer = _with_optima(answer, budget, database)
    except STOPS as stop:
        answer = _verified(replace(answer, stopped=why_stopped(stop)))
    return answer


def _kept(problem: Problem, found: Answer, budget: Budget, max_length: int | None) -> Answer:
    """Return the answer to `problem`, given what was found for values: one of the shortest kernels
    that stands on its rung, else the network's.
    """
    network = without_search(problem)
    long = network is not None and max_length is not None and len(network) > max_length
    kernel, stopped = None if long else network, found.stopped
    shortest = [k for k in (found.kernel, network) if k is not None and len(k) == found.length]
    try:
        kernels = chain(shortest, found.listing() if found.listing is not None else ())
        kernel = first_on_rung(kernels, problem.keep, budget) or kernel
    except LimitReached as limit:
        stopped = limit.message
    kept = None if kernel is None else kernel.keeping(problem.keep)
    answer = Answer(problem, kept, found.lower_bound, found.states, found.seconds, stopped=stopped)
    return _verified(replace(answer, restricted=found.restricted))


def _composed(problem: Problem, budget: Budget) -> Iterator[Composed]:
    """Yield lower bounds that add up, where a search needs them.

    Of few keys in registers it does where it counts comparisons and moves apart (see `split`).
    """
    from sortopt.search.bounds import composed_bounds, counts_comparisons

    splits = problem.n == LARGEST_EXHAUSTIVE and counts_comparisons(problem)
    splits = splits and excess(_easiest(problem)) is None
    if problem.in_memory or problem.n > LARGEST_EXHAUSTIVE or splits:
        yield from composed_bounds(problem, budget)


def _bounded(answer: Answer, composed: Composed | None) -> Answer:
    """Return `answer` with a lower bound that adds up, where there is one."""
    if composed is None:
        return answer
    lower = max(answer.lower_bound, composed.length)
    return replace(answer, composed=composed, lower_bound=lower)


def _rules_out(answer: Answer, length: int | None) -> bool:
    """Return whether a bound that adds up says that there is no kernel of this length."""
    return length is not None and answer.composed is not None and answer.composed.length > length


def _easiest(problem: Problem) -> Problem:
    """Return the easiest problem that bounds this one."""
    from sortopt.search.exhaustive import relaxations

    return next(relaxations(problem), problem)


def _load(problem: Problem, *, exhaustive: bool, beams: bool) -> None:
    """Load the compiled code of the searches to come."""
    from sortopt.search import exhaustive as exhaustive_search
    from sortopt.search.beams import anytime

    if exhaustive:
        exhaustive_search.load()
    if beams and has_anytime(of_registers(problem)):
        anytime.load(problem.isa)


def _with_beams(
    answer: Answer, budget: Budget, seed: int, beam: int | None = None, rounds: int | None = None
) -> Answer:
    """Return `answer` with what the anytime search finds; that time is up is its usual end."""
    from sortopt.search.beams import anytime

    problem, kernel = answer.problem, answer.kernel
    if problem.in_memory and kernel is not None:
        from sortopt.tasks import in_memory

        beams = has_anytime(of_registers(problem))
        found = in_memory.improve(problem, kernel, budget, beams=beams, beam=beam, seed=seed)
    else:
        found = anytime.improve(
            problem.n,
            budget,
            beam=beam,
            seed=seed,
            scratch=problem.scratch,
            rounds=rounds,
            isa=problem.isa,
            signedness=problem.signedness,
        )
    if found.kernel is not None and (
        kernel is None or problem.length_of(found.kernel) < problem.length_of(kernel)
    ):
        kernel = found.kernel if problem.in_memory else in_order(found.kernel)
        kernel = of_type(kernel, problem)
    timed_out = budget.left == 0.0 and found.stopped != INTERRUPTED
    return replace(
        answer,
        kernel=kernel,
        states=found.states,
        seconds=found.seconds,
        stopped=None if timed_out and kernel is not None else found.stopped,
        improvements=tuple((problem.length_of(i.kernel), i.seconds) for i in found.improvements),
    )


def _with_proof(
    answer: Answer,
    budget: Budget,
    max_length: int | None,
    places: Mapping[str, str | None],
    *,
    prove: bool,
) -> tuple[Answer, PatternDatabase | None]:
    """Return `answer` with what the exhaustive search finds and proves, and its bounds.

    `places` are the checkpoint, spill and cluster of `find`.

    To `prove` more, kernels of five cells are searched that compare what they like: six times as
    long for four keys.
    """
    from sortopt.search.exhaustive import shortest

    problem, known = answer.problem, answer.kernel
    if problem.n <= LARGEST_EXHAUSTIVE and (problem.goal != SORT or problem.stable):
        known = None  # a network's, of which most can be shortened
    found = shortest(
        problem,
        budget,
        max_length=max_length,
        **places,
        known=known,
        lower=answer.lower_bound,
        restricted=False if prove and answer.problem.cells <= MOST_CELLS_UNRESTRICTED else None,
        composed=answer.composed,
    )
    answer = replace(
        answer,
        kernel=answer.kernel if found.kernel is None else found.kernel,
        lower_bound=max(found.lower_bound, answer.lower_bound),
        states=found.states,
        seconds=found.seconds,
        stopped=found.stopped,
        taken_over=found.taken_over,
        restricted=found.restricted,
        levels=found.levels,
        outlook=found.outlook,
        improvements=(),
    )
    return answer, found.database


def _verified(answer: Answer) -> Answer:
    """Return `answer` with the verdict of the two proofs; a refutation is a bug and says so."""
    if answer.kernel is None or answer.judgement is not None:
        return answer
    judgement = verify(answer.kernel)
    if isinstance(judgement.verdict, Refuted):
        raise Disagreement(
            f"the search found a kernel that fails on {judgement.verdict.counterexample.inputs}"
        )
    return replace(answer, judgement=judgement)


def _with_optima(answer: Answer, budget: Budget, database: PatternDatabase | None = None) -> Answer:
    """Return `answer` with the exact number of shortest kernels and their listing.

    The `database` is that of the proof, so that it is not built again.
    """
    from sortopt.search.optima import classes_of, optima

    if not answer.proved_minimal or answer.length is None:
        raise InputError(
            "only kernels proved shortest can be counted or listed", hint="drop --all and --count"
        )
    began = budget.spent
    found = optima(answer.problem, answer.length, budget, database)
    return replace(
        answer,
        states=answer.states + found.states,
        seconds=answer.seconds + budget.spent - began,
        count=found.count,
        in_order=found.in_order,
        listing=found.kernels,
        classes=partial(classes_of, found),
    )
