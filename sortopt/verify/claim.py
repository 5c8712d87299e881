"""A claim from the internet (June 2023), examined: may a sorting kernel lose a move?

A chat model was shown eight instructions that were said to sort P, Q and R, which hold a, b and
c, and was asked to shorten them.  It answered that `mov S P` (source first) can go.  Operands
stand destination first here, so the move reads `mov P, S`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sortopt.formats import parse
from sortopt.model import (
    ALWAYS,
    Counterexample,
    Judgement,
    Kernel,
    Precondition,
    Refuted,
    WeakOrder,
    expected,
    permutations,
    run,
)
from sortopt.verify.explanation import Explanation, explain
from sortopt.verify.judge import verify
from sortopt.verify.preconditions import failing_orders, weakest_preconditions
from sortopt.verify.replay import replay

AS_SHOWN = "as shown"
WITHOUT_MOVE = "without mov P, S"
WITH_CMOVGE = "with cmovge instead"

_HEAD = """\
; inputs:  eax ecx edx
; outputs: eax ecx edx
; cells:   eax=P ecx=Q edx=R esi=S
    mov    esi, edx
    cmp    eax, edx
    cmovg  edx, eax
    cmovl  esi, eax
"""

PROGRAMS: Mapping[str, str] = MappingProxyType(
    {
        AS_SHOWN: f"""\
{_HEAD}\
    mov    eax, esi
    cmp    esi, ecx
    cmovg  eax, ecx
    cmovg  ecx, esi
""",
        WITHOUT_MOVE: f"""\
{_HEAD}\
    cmp    esi, ecx
    cmovg  eax, ecx
    cmovg  ecx, esi
""",
        WITH_CMOVGE: f"""\
{_HEAD}\
    cmp    esi, ecx
    cmovge eax, ecx
    cmovg  ecx, esi
""",
    }
)
"""The versions of the program by name: the third is the second with its first cmovg replaced."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What both proofs say of one version under one precondition.

    `counterexample` has distinct keys where such an input fails (the claim was made of those),
    and is the least of its kind.
    """

    assume: Precondition
    judgement: Judgement
    counterexample: Counterexample | None


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the program: the weakest single comparisons, each proved, under which it is
    right, and all findings.
    """

    name: str
    kernel: Kernel
    weakest: tuple[Precondition, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The claim examined.

    `separating` is the least input of distinct keys that the program as shown sorts and the one
    without the move does not; `traces` are the failure of the former, and of the latter on
    `separating`.
    """

    versions: tuple[Version, ...]
    separating: WeakOrder
    outputs: tuple[tuple[int | None, ...], ...]
    traces: tuple[Explanation, ...]


def examine() -> Report:
    """Prove or refute every version under every precondition that one of them needs."""
    kernels = {name: parse(text, name=name).kernel for name, text in PROGRAMS.items()}
    weakest = {name: _single(weakest_preconditions(kernel)) for name, kernel in kernels.items()}
    assumptions = tuple(dict.fromkeys((ALWAYS, *(p for found in weakest.values() for p in found))))
    versions = tuple(
        Version(name, kernel, weakest[name], tuple(_findings(kernel, assumptions)))
        for name, kernel in kernels.items()
    )
    shown, shortened = kernels[AS_SHOWN], kernels[WITHOUT_MOVE]
    separating = separating_input(shown, shortened)
    failure = versions[0].findings[0].counterexample
    assert failure is not None
    return Report(
        versions,
        separating,
        tuple(run(kernel, separating) for kernel in kernels.values()),
        (explain(shown, failure), explain(shortened, replay(shortened, separating))),
    )


def _single(found: Sequence[Precondition]) -> tuple[Precondition, ...]:
    return tuple(assume for assume in found if len(assume.comparisons) == 1)


def _findings(kernel: Kernel, assumptions: Sequence[Precondition]) -> Iterator[Finding]:
    failing = sorted(failing_orders(kernel), key=lambda keys: (-len(set(keys)), keys))
    for assume in assumptions:
        judgement = verify(kernel, assume=assume)
        refuted = isinstance(judgement.verdict, Refuted)
        keys = next((keys for keys in failing if assume.holds(keys)), None) if refuted else None
        yield Finding(assume, judgement, replay(kernel, keys) if keys else None)


def separating_input(right: Kernel, wrong: Kernel) -> WeakOrder:
    """Return the least input of distinct keys that `right` gets right and `wrong` does not."""
    return next(
        keys
        for keys in permutations(right.n)
        if run(right, keys) == expected(right, keys) and run(wrong, keys) != expected(wrong, keys)
    )
