"""Three-valued verdicts: Proved, Refuted with a counterexample, or Unknown with a reason."""

from __future__ import annotations

from dataclasses import dataclass

from sortopt.model.isa import Order


@dataclass(frozen=True, slots=True)
class Counterexample:
    """One input on which a kernel fails its contract; replayed on the interpreter when built.

    `inputs`, `outputs` and `expected` follow the contract; `scratch` and `flags` are what the
    scratch cells and the flags held on entry (None where the failure does not depend on it).
    An output of None depends on what scratch or flags held.
    """

    inputs: tuple[int, ...]
    outputs: tuple[int | None, ...]
    expected: tuple[int, ...]
    scratch: tuple[int | None, ...] = ()
    flags: Order | None = None


@dataclass(frozen=True, slots=True)
class Proved:
    """The kernel fulfils its contract for all inputs that satisfy its precondition."""

    name = "proved"


@dataclass(frozen=True, slots=True)
class Refuted:
    """The kernel fails on `counterexample`."""

    counterexample: Counterexample
    name = "refuted"


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer: `reason` says what ran out."""

    reason: str
    name = "unknown"


Verdict = Proved | Refuted | Unknown


@dataclass(frozen=True, slots=True)
class MethodVerdict:
    """What one proof method found and how long it took, in seconds."""

    method: str
    verdict: Verdict
    seconds: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict that all methods together give, and each method's own."""

    verdict: Verdict
    methods: tuple[MethodVerdict, ...]
