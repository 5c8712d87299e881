"""The doors handed on: what `import sortopt` gives, and all that the commands call.

A table of contents: each function puts a question to a wing, loaded when first used.  What
commands do with whole files (`verify_file` …), and what options offer, is handed on as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from importlib import import_module
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal

from sortopt import native
from sortopt.base import Budget, bytes_of, check_arguments
from sortopt.model import Kernel as Kernel
from sortopt.model import Precondition, key_type
from sortopt.objects import AS_WRITTEN as AS_WRITTEN
from sortopt.objects import Reading as Reading
from sortopt.verify import MOST_ADDED as MOST_ADDED

if TYPE_CHECKING:
    from sortopt.certificate import Check
    from sortopt.doors import *  # noqa: F403
    from sortopt.emit import Provenance
    from sortopt.front import Front
    from sortopt.model import Counterexample, Judgement
    from sortopt.optimize import Result, Step
    from sortopt.tasks import Answer, CheckedNetwork, Library, Picture
    from sortopt.verify import NoRepair, Repair

BenchOptions = native.Options
DEFAULTS = BenchOptions()


def __getattr__(name: str) -> Any:
    """Return what the doors of the wings hand on under this name, loaded when first used."""
    return getattr(import_module("sortopt.doors"), name)


@check_arguments
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


@check_arguments
def load(path: str | PathLike[str], reading: Reading = AS_WRITTEN, **options: Any) -> Kernel:
    """Return the kernel in a file of any kind that is read, "-" being standard input.

    `options` are those of `Reading` by name.  Raises InputError.

    >>> print(load("kernels/alphadev/sort3.asm", assume="a<b").contract.assume)
    a < b
    """
    from sortopt.objects import read

    return read(path, **(asdict(reading) | options)).kernel


@check_arguments
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


@check_arguments
def show(kernel: Kernel, inputs: Sequence[int] | None = None, *, cpu: str | None = None) -> Picture:
    """Return what `kernel` does to `inputs`, step by step, and how its values flow.

    By default keys descend.  The critical path is that on `cpu`.  Raises InputError for too few.

    >>> print(show(search(2).kernel, (7, 5)))
    4 instructions: 7 5 comes out as 5 7
    ...
    critical path, 2 cycles (zen3): 2 -> 3
    """
    from sortopt.tasks import picture

    return picture(kernel, inputs, cpu=cpu)


@check_arguments
def counterexample(
    kernel: Kernel, *, assume: Precondition | str | None = None, time_limit: float | None = None
) -> Counterexample | None:
    """Return the least input on which `kernel` fails, or None where it is proved right.

    Options, and errors, as of `verify`; raises LimitReached too where the time did not suffice.

    >>> counterexample(parse("mov edx, eax", inputs="eax ecx", outputs="edx ecx")).inputs
    (2, 1)
    """
    from sortopt.verify import counterexample

    return counterexample(kernel, assume=assume, budget=Budget(time_limit))


@check_arguments
def repair(
    kernel: Kernel,
    *,
    key: str | None = None,
    most_added: int = MOST_ADDED,
    time_limit: float | None = None,
) -> Repair | NoRepair:
    """Change conditions of a kernel that is wrong, else add instructions, and prove the result.

    With `key` every instruction reads keys of that type.  Raises LimitReached where time runs out.

    >>> right = search(2).kernel
    >>> found = repair(right.with_instructions(right.instructions[:-1]))
    >>> found.added, len(found.kernel), found.judgement.verdict
    (1, 4, Proved())
    """
    from sortopt.verify import repair

    sign = None if key is None else key_type(key).signedness
    return repair(kernel, signedness=sign, most_added=most_added, budget=Budget(time_limit))


@check_arguments
def search(
    n: int,
    *,
    isa: str | None = None,
    key: str | None = None,
    keep: str | None = None,
    outputs: str | None = None,
    conditions: Sequence[str] | None = None,
    unsigned: bool = False,
    scratch: int | None = None,
    distinct: bool = False,
    assume: str | Precondition | None = None,
    goal: str = "sort",
    in_memory: bool = False,
    registers: int | None = None,
    pairs: bool = False,
    max_length: int | None = None,
    prove: bool = False,
    time_limit: float | None = None,
    memory_limit: float | None = None,
    threads: int | None = None,
    seed: int = 0,
    count: bool = False,
) -> Answer:
    """Find a shortest kernel of `n` keys and verify it; say whether none shorter exists.

    The kernel uses instructions of `isa`, for keys of the type `key`, conditional moves with the
    `conditions`, and `scratch` more cells, leaves its `outputs` "in-order", "in-place" or
    "anywhere", and stands on the rung `keep`.  It is right for all keys that satisfy `assume`, or
    only for distinct ones; `goal` is as in docs/correctness.md.  None is longer than `max_length`.
    For more than four keys kernels are improved, as `seed` chooses, until `time_limit` seconds (60
    unless given); with `prove` it raises the lower bound instead.  Memory is in GiB.  Keys
    `in_memory` lie in a buffer and go through `registers`, one by one or in `pairs`.  With `count`
    all shortest kernels are counted, for `optima`.  Raises InputError for what does not fit.

    >>> answer = search(2)
    >>> answer.length, answer.proved_minimal, answer.verified
    (4, True, True)
    """
    from sortopt.search.space import problem_of
    from sortopt.tasks import find

    problem = problem_of(
        n, isa=isa, key=key, keep=keep, conditions=conditions, unsigned=unsigned, outputs=outputs,
        scratch=scratch, distinct=distinct, assume=assume, goal=goal, in_memory=in_memory,
        registers=registers, pairs=pairs,
    )  # fmt: skip
    budget = Budget(time_limit, bytes_of(memory_limit), threads)
    return find.find(problem, budget, max_length=max_length, every=count, prove=prove, seed=seed)


@check_arguments
def certify(
    path: str | PathLike[str], *, time_limit: float | None = None, threads: int | None = None
) -> Check:
    """Check the lower-bound certificate in a file, without trusting the search.

    Its `fault` is None where it holds.  Raises InputError, and LimitReached where time is short.
    """
    from sortopt.tasks import certificates

    return certificates.check_file(str(path), Budget(time_limit, threads=threads))


@check_arguments
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


@check_arguments
def front(
    kernel: Kernel,
    *,
    cpu: str | None = None,
    time_limit: float | None = None,
    seed: int = 0,
    threads: int = 1,
) -> Front:
    """Return the front of length against critical path of the contract of `kernel`.

    Every kernel on it is proved; what it covers, it says.  Raises as `optimize` does.

    >>> [(point.length, point.cycles) for point in front(search(2).kernel).points]
    [(4, 2.0)]
    """
    from sortopt.front import front
    from sortopt.tasks import measure_of

    budget = Budget(time_limit, threads=threads)
    return front(kernel, budget, measure=measure_of("length", cpu), seed=seed)


@check_arguments
def emit(
    kernel: Kernel,
    target: str,
    *,
    name: str | None = None,
    key: str | None = None,
    provenance: Provenance | None = None,
    time_limit: float | None = None,
    **items: Any,
) -> str:
    """Return `kernel` as source text in the language `target`, proved first.

    Languages: c, cpp, rust, asm-intel, asm-att, asm-aarch64, asm-riscv, llvm, python.  `items`:
    payload, layout, argsort, compare, trusted, order (docs/emit.md).  Raises as `optimize` does.

    >>> "void sort_pair(int32_t keys[2])" in emit(search(2).kernel, "c", name="sort_pair")
    True
    """
    from sortopt.emit import Items, emit

    of, budget = Items(**items), Budget(time_limit)
    return emit(kernel, target, of, name=name, key=key, provenance=provenance, budget=budget)


@check_arguments
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
) -> native.Report:
    """Time kernels, given by name, against each other and the rivals in `against`.

    Raises InputError where there is nothing to compare with, LimitReached where time runs out.

    >>> kernels = {"mine": search(2).kernel}
    >>> report = bench(kernels, against=("network",), settings=("standalone",), rounds=30)
    >>> sorted(report.results[0].names)
    ['mine', 'network']
    """
    options = native.Options(
        key, tuple(against), tuple(settings), tuple(distributions), rounds, seed
    )
    return native.bench(list(kernels.items()), options, budget=Budget(time_limit))


@check_arguments
def rank(
    kernels: Sequence[Kernel],
    by: str = "latency",
    *,
    cpu: str | None = None,
    key: str | None = None,
    seed: int = 0,
) -> tuple[native.Ranked, ...]:
    """Return `kernels` with what they cost, the cheapest first.

    `by` is length, latency (critical path on `cpu`), mca (llvm-mca's cycles) or measured (on keys
    of the type `key`, on this machine).  Raises InputError where it is not possible here.

    >>> three, two = search(3).kernels[0], search(2).kernels[0]
    >>> [len(entry.kernel) for entry in rank([three, two], by="length")]
    [4, 11]
    """
    return native.rank(kernels, by, cpu=cpu, key=key, seed=seed)


@check_arguments
def network(
    source: int | str, *, least: Literal["size", "depth"] = "size", goal: str = "sort",
    time_limit: float | None = None,
) -> CheckedNetwork:  # fmt: skip
    """Return a comparator network, and whether it sorts, or serves `goal`, by the 0-1 principle.

    `source` is its text, or a number of channels: of these the best by `least`.  Raises InputError.

    >>> found = network("0:1, 1:2, 0:1")
    >>> found.verdict, len(found.lower())
    (Proved(), 12)
    """
    from sortopt.tasks import best_network, parse_network

    budget = Budget(time_limit)
    if isinstance(source, str):
        return parse_network(source, goal=goal, budget=budget)
    return best_network(source, least, goal, budget)


@check_arguments
def sort_library(
    sizes: str = "2..8",
    folder: str | PathLike[str] | None = None,
    *,
    name: str = "sort_small",
    key: str = "int32",
    isa: str | None = None,
    keep: str | None = None,
    rank: str = "length",
    time_limit: float | None = None,
) -> Library:
    """Choose a proved kernel for each of `sizes`, and write them as one C header.

    `folder` is where to look, by default among those that come with sortopt; `keep` is a rung, and
    `rank` by "length" or "measured" here.  Raises InputError, LimitReached.

    >>> [(entry.n, len(entry.kernel)) for entry in sort_library("2..4").chosen]
    [(2, 4), (3, 11), (4, 20)]
    """
    from sortopt.tasks import choose_library as choose

    budget = Budget(time_limit)
    return choose(sizes, folder, name=name, key=key, isa=isa, keep=keep, rank=rank, budget=budget)


@check_arguments
def report(kernel: Kernel, *, title: str | None = None, **options: Any) -> str:
    """Return a page on `kernel` as HTML text; options, and errors, as of `verify`.

    >>> report(search(2).kernel)[:15]
    '<!DOCTYPE html>'
    """
    from sortopt.report import page

    return page.render(page.of_kernel(verify(kernel, **options), title, options.get("key")))
