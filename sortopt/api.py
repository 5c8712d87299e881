"""The doors handed on: what `import sortopt` gives, and all that the commands call.

A table of contents: each function puts a question to a wing and computes nothing itself; what is
heavy is loaded when first used.  What commands do with whole files (`verify_file`, `emit_file` …)
and the names that their options offer are handed on as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from importlib import import_module
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal

from sortopt.base import Budget
from sortopt.model import KEY_TYPES as KEY_TYPES
from sortopt.model import Kernel as Kernel
from sortopt.model import Precondition
from sortopt.native import FEWEST_ROUNDS as FEWEST_ROUNDS
from sortopt.native import Options
from sortopt.objects import AS_WRITTEN as AS_WRITTEN
from sortopt.objects import Reading as Reading
from sortopt.targets import DEFAULT_ISA as DEFAULT_ISA
from sortopt.targets import ISAS as ISAS
from sortopt.verify import MOST_ADDED as MOST_ADDED

if TYPE_CHECKING:
    from sortopt.certificate import Check
    from sortopt.emit import Provenance
    from sortopt.formats import DIALECTS as DIALECTS
    from sortopt.formats import SeveralKernels as SeveralKernels
    from sortopt.formats import print_kernel as print_kernel
    from sortopt.front import MOST_KEYS as MOST_KEYS
    from sortopt.front import Front
    from sortopt.model import Counterexample, Judgement
    from sortopt.model import Unsafe as Unsafe
    from sortopt.model import Verdict as Verdict
    from sortopt.model import cpu_families as cpu_families
    from sortopt.native import Ranked
    from sortopt.native import Report as BenchReport
    from sortopt.networks import FORMS as FORMS
    from sortopt.networks import write_network as write_network
    from sortopt.optimize import Result, Step
    from sortopt.search.space import Problem as Problem
    from sortopt.search.space import problem_of as problem_of
    from sortopt.tasks import FAULTY as FAULTY
    from sortopt.tasks import Answer as Answer
    from sortopt.tasks import CheckedNetwork, Library
    from sortopt.tasks import Outcome as Outcome
    from sortopt.tasks import Plan as Plan
    from sortopt.tasks import bench_files as bench_files
    from sortopt.tasks import best_network as best_network
    from sortopt.tasks import choose_library as choose_library
    from sortopt.tasks import compile_plain as compile_plain
    from sortopt.tasks import emit_file as emit_file
    from sortopt.tasks import enumerate as enumerate
    from sortopt.tasks import explain_file as explain_file
    from sortopt.tasks import export_query as export_query
    from sortopt.tasks import fastest as fastest
    from sortopt.tasks import find as find
    from sortopt.tasks import front_file as front_file
    from sortopt.tasks import judge_folder as judge_folder
    from sortopt.tasks import measure_of as measure_of
    from sortopt.tasks import optimize_file as optimize_file
    from sortopt.tasks import plan_folder as plan_folder
    from sortopt.tasks import plan_kernels as plan_kernels
    from sortopt.tasks import random_network as random_network
    from sortopt.tasks import rank_answer as rank_answer
    from sortopt.tasks import read_network as read_network
    from sortopt.tasks import repair_file as repair_file
    from sortopt.tasks import second_opinion as second_opinion
    from sortopt.tasks import study_file as study_file
    from sortopt.tasks import verify_file as verify_file
    from sortopt.verify import NoRepair, Repair
    from sortopt.verify import claim as claim

BenchOptions = Options
DEFAULTS = BenchOptions()


def __getattr__(name: str) -> Any:
    """Return what is handed on under this name as it is, loaded when first used."""
    for wing in ("tasks", "formats", "front", "model", "networks", "search.space", "verify"):
        door = import_module(f"sortopt.{wing}")
        if name in door.__all__:
            return getattr(door, name)
    raise AttributeError(f"sortopt.api has no {name!r}")


def parse(
    text: str,
    *,
    dialect: str | None = None,
    inputs: str | None = None,
    outputs: str | None = None,
    assume: str | Precondition | None = None,
    goal: str | None = None,
) -> Kernel:
    """Return the kernel that `text` holds, in any dialect; raises InputError.

    >>> len(parse("mov edx, eax", inputs="eax ecx", outputs="edx ecx"))
    1
    """
    from sortopt.formats import parse

    return parse(
        text, dialect=dialect, inputs=inputs, outputs=outputs, assume=assume, goal=goal
    ).kernel


def load(path: str | PathLike[str], reading: Reading = AS_WRITTEN, **options: str | None) -> Kernel:
    """Return the kernel in a file of any kind that is read, "-" being standard input.

    A kernel file, a compiler's assembly text, an object file, or a C file with inline assembly.
    `options` are those of `Reading` by name.  Raises InputError.
    """
    from sortopt.objects import read

    return read(path, **(asdict(reading) | options)).kernel


def verify(
    kernel: Kernel,
    *,
    assume: Precondition | str | None = None,
    time_limit: float | None = None,
    bits: int | None = None,
    key: str | None = None,
) -> Judgement:
    """Prove or refute that `kernel` fulfils its contract, for all inputs, by two proofs.

    `assume` takes the place of the kernel's own precondition ("none" lifts it), `time_limit` is in
    seconds for both proofs, `bits` has Z3 spell keys out in that width, `key` names their type.
    Unknown is never a pass.  Raises InputError for a precondition that no input satisfies.

    >>> verify(parse("mov edx, eax", inputs="eax", outputs="edx")).verdict
    Proved()
    """
    from sortopt.verify import verify

    return verify(kernel, assume=assume, bits=bits, key=key, budget=Budget(time_limit))


def counterexample(
    kernel: Kernel,
    *,
    assume: Precondition | str | None = None,
    time_limit: float | None = None,
) -> Counterexample | None:
    """Return the least input on which `kernel` fails, or None where it is proved right.

    Options, and errors, as of `verify`; raises LimitReached too where the time did not suffice.

    >>> counterexample(parse("mov edx, eax", inputs="eax ecx", outputs="edx ecx")).inputs
    (2, 1)
    """
    from sortopt.verify import counterexample

    return counterexample(kernel, assume=assume, budget=Budget(time_limit))


def repair(
    kernel: Kernel,
    *,
    key: str | None = None,
    most_added: int = MOST_ADDED,
    time_limit: float | None = None,
) -> Repair | NoRepair:
    """Change conditions of a kernel that is wrong, else add instructions, and prove the result.

    With `key`, the type of the keys, every instruction is made to read them with its sign.
    Raises LimitReached where the time does not suffice.

    >>> right = search(2).kernel
    >>> found = repair(right.with_instructions(right.instructions[:-1]))
    >>> found.added, len(found.kernel), found.judgement.verdict
    (1, 4, Proved())
    """
    from sortopt.model import key_type
    from sortopt.verify import repair

    sign = None if key is None else key_type(key).signedness
    return repair(kernel, signedness=sign, most_added=most_added, budget=Budget(time_limit))


def search(
    n: int,
    *,
    isa: str = DEFAULT_ISA,
    outputs: str = "in-place",
    conditions: Sequence[str] | None = None,
    unsigned: bool = False,
    scratch: int | None = None,
    distinct: bool = False,
    assume: str | Precondition | None = None,
    goal: str = "sort",
    in_memory: bool = False,
    registers: int | None = None,
    max_length: int | None = None,
    time_limit: float | None = None,
    count: bool = False,
) -> Answer:
    """Find a shortest kernel of `n` keys and verify it; options as of the command `search`.

    Raises InputError where the options do not fit together.

    >>> answer = search(2)
    >>> answer.length, answer.proved_minimal, answer.verified
    (4, True, True)
    """
    from sortopt.search.space import problem_of
    from sortopt.tasks import find

    problem = problem_of(
        n, isa=isa, conditions=conditions, unsigned=unsigned, outputs=outputs, scratch=scratch,
        distinct=distinct, assume=assume, goal=goal, in_memory=in_memory, registers=registers,
    )  # fmt: skip
    return find.find(problem, Budget(time_limit), max_length=max_length, every=count)


def certify(
    path: str | PathLike[str], *, time_limit: float | None = None, threads: int | None = None
) -> Check:
    """Check the lower-bound certificate in a file, without trusting the search.

    Raises InputError where it cannot be read, LimitReached where the time does not suffice.
    """
    from sortopt.tasks import find

    return find.certify(str(path), Budget(time_limit, threads=threads))


def optimize(
    kernel: Kernel,
    *,
    cost: str = "length",
    cpu: str | None = None,
    time_limit: float | None = None,
    seed: int = 0,
    threads: int = 1,
    on_step: Callable[[Step], None] = lambda step: None,
) -> Result:
    """Shorten a kernel, or with cost "latency" make it faster, until nothing more is found.

    Every step is proved.  Raises InputError where `kernel` is refuted, LimitReached where unproved.

    >>> lowered = network(3).lower()
    >>> len(lowered), len(optimize(lowered).kernel)
    (12, 11)
    """
    from sortopt.optimize import optimize
    from sortopt.tasks import measure_of

    budget = Budget(time_limit, threads=threads)
    return optimize(kernel, budget, measure=measure_of(cost, cpu), seed=seed, on_step=on_step)


def front(
    kernel: Kernel,
    *,
    cpu: str | None = None,
    time_limit: float | None = None,
    seed: int = 0,
    threads: int = 1,
) -> Front:
    """Return the front of length against critical path of the contract of `kernel`.

    Every kernel on it is proved; what it covers, it says.  Raises InputError where `kernel` is
    refuted, LimitReached where it cannot be proved.

    >>> [(point.length, point.cycles) for point in front(search(2).kernel).points]
    [(4, 2.0)]
    """
    from sortopt.front import front
    from sortopt.tasks import measure_of

    budget = Budget(time_limit, threads=threads)
    return front(kernel, budget, measure=measure_of("length", cpu), seed=seed)


def emit(
    kernel: Kernel,
    target: str,
    *,
    name: str | None = None,
    key: str | None = None,
    provenance: Provenance | None = None,
    time_limit: float | None = None,
) -> str:
    """Return `kernel` as source text in the language `target`, proved first.

    Raises InputError, also where it is refuted, and LimitReached where it is not proved in time.
    Languages: c, cpp, rust, asm-intel, asm-att, llvm, python.  `name` is the function's, `key` the
    type of the keys; by default the 32-bit one of the kernel's own signedness.
    """
    from sortopt.emit import emit

    budget = Budget(time_limit)
    return emit(kernel, target, name=name, key=key, provenance=provenance, budget=budget)


def bench(
    kernels: Mapping[str, Kernel],
    *,
    key: str = DEFAULTS.key,
    against: Sequence[str] = DEFAULTS.against,
    settings: Sequence[str] = DEFAULTS.settings,
    distributions: Sequence[str] = DEFAULTS.distributions,
    rounds: int = DEFAULTS.rounds,
    seed: int = DEFAULTS.seed,
    time_limit: float | None = None,
) -> BenchReport:
    """Time kernels, given by name, against each other and the rivals in `against`.

    Raises InputError where there is nothing to compare with, LimitReached where time runs out.

    >>> kernels = {"mine": search(2).kernel}
    >>> report = bench(kernels, against=("network",), settings=("standalone",), rounds=30)
    >>> sorted(report.results[0].names)
    ['mine', 'network']
    """
    from sortopt.native import bench

    options = BenchOptions(key, tuple(against), tuple(settings), tuple(distributions), rounds, seed)
    return bench(list(kernels.items()), options, budget=Budget(time_limit))


def rank(
    kernels: Sequence[Kernel],
    by: str = "latency",
    *,
    cpu: str | None = None,
    key: str | None = None,
    seed: int = 0,
) -> tuple[Ranked, ...]:
    """Return `kernels` with what they cost, the cheapest first.

    `by` is length, latency (critical path on `cpu`), mca (llvm-mca's cycles) or measured (on keys
    of the type `key`, on this machine).  Raises InputError where that is not possible here.

    >>> three, two = search(3).kernels[0], search(2).kernels[0]
    >>> [len(entry.kernel) for entry in rank([three, two], by="length")]
    [4, 11]
    """
    from sortopt.native import rank

    return rank(kernels, by, cpu=cpu, key=key, seed=seed)


def network(
    source: int | str, *, least: Literal["size", "depth"] = "size", goal: str = "sort"
) -> CheckedNetwork:
    """Return a comparator network, and whether it sorts, or serves `goal`, by the 0-1 principle.

    `source` is the text of one, or a number of channels: then it is the best known by `least`.
    Raises InputError.

    >>> found = network("0:1, 1:2, 0:1")
    >>> found.verdict, len(found.lower())
    (Proved(), 12)
    >>> network(5).network.size
    9
    """
    from sortopt.tasks import best_network, parse_network

    if isinstance(source, str):
        return parse_network(source, goal=goal)
    return best_network(source, least, goal)


def sort_library(
    sizes: str = "2..8",
    folder: str | PathLike[str] | None = None,
    *,
    name: str = "sort_small",
    key: str = "int32",
    isa: str = DEFAULT_ISA,
    time_limit: float | None = None,
) -> Library:
    """Choose a proved kernel for each of `sizes`, and write them as one C header.

    `folder` is where kernels are looked for, by default among those found that come with sortopt;
    sizes without one get the best network known.
    Raises InputError, and LimitReached where the time does not suffice for the proofs.
    """
    from sortopt.tasks import choose_library

    return choose_library(sizes, folder, name=name, key=key, isa=isa, budget=Budget(time_limit))


def report(kernel: Kernel, *, title: str | None = None, **options: Any) -> str:
    """Return a page on `kernel` as HTML text; options, and errors, as of `verify`.

    >>> report(search(2).kernel)[:15]
    '<!DOCTYPE html>'
    """
    from sortopt.report import page

    return page.render(page.of_kernel(verify(kernel, **options), title, options.get("key")))
