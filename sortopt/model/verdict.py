"""Verdicts: Proved, Refuted with a counterexample, Unknown with a reason, or Unsafe."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NoReturn

from sortopt.base import Shown
from sortopt.model.interpreter import Step
from sortopt.model.isa import Order
from sortopt.model.kernel import Kernel
from sortopt.model.rung import Rung


class _Answered:
    """An answer of three or more kinds: `proved` says whether it is the good one."""

    __slots__ = ()

    @property
    def proved(self) -> bool:
        """Whether the kernel is proved right; False where that is unknown, too."""
        return isinstance(self, Proved)

    def __bool__(self) -> NoReturn:
        raise TypeError("a verdict is neither true nor false, as it may be unknown; use .proved")


@dataclass(frozen=True, slots=True)
class Counterexample(Shown):
    """One input on which a kernel fails its contract; replayed on the interpreter when built.

    `inputs`, `outputs` and `expected` follow the contract; `scratch` and `flags` are what the
    scratch cells and the flags held on entry (None where the failure does not depend on it).
    An output of None depends on what scratch or flags held.

    Where the kernel has the right values and lacks the rung `lacks`, `elements` says which element
    each output holds: an input by its number, from 0, or what a scratch cell held, from n on.
    `steps` is the trace, on entry and after each instruction, with elements in the cells; under
    `safe` `answers` says what the comparisons answered.  `zero` is the rank of -0 where minima take
    it for less than +0, which has the next one; 0 where not both are among the keys.
    """

    inputs: tuple[int, ...]
    outputs: tuple[int | None, ...]
    expected: tuple[int, ...]
    scratch: tuple[int | None, ...] = ()
    flags: Order | None = None
    lacks: Rung = Rung.VALUES
    elements: tuple[int, ...] = ()
    answers: tuple[Order, ...] = ()
    steps: tuple[Step, ...] = ()
    zero: int | None = None


@dataclass(frozen=True, slots=True)
class Proved(_Answered):
    """The kernel fulfils its contract for all inputs that satisfy its precondition."""

    name = "proved"


@dataclass(frozen=True, slots=True)
class Refuted(_Answered):
    """The kernel fails on `counterexample`."""

    counterexample: Counterexample
    name = "refuted"


@dataclass(frozen=True, slots=True)
class Unknown(_Answered):
    """No answer: `reason` says what ran out."""

    reason: str
    name = "unknown"


Verdict = Proved | Refuted | Unknown
"""What proofs say of the instructions of a kernel."""


@dataclass(frozen=True, slots=True)
class Breach:
    """What code does that those around it do not expect: what, the fix, the line.

    `rule` says what it does not keep to.
    """

    message: str
    fix: str
    line: int
    rule: str = "what the asm statement declares to the compiler"


@dataclass(frozen=True, slots=True)
class Unsafe(_Answered):
    """Around the instructions something may go wrong, in the compiler or in a function's caller.

    `instructions` is the verdict over them alone, which is no refutation.
    """

    breaches: tuple[Breach, ...]
    instructions: Verdict
    name = "unsafe"


@dataclass(frozen=True, slots=True)
class MethodVerdict:
    """What one proof method found and how long it took, in seconds."""

    method: str
    verdict: Verdict
    seconds: float


@dataclass(frozen=True, slots=True)
class Judgement(_Answered, Shown):
    """The verdict that all methods together give, each method's own, and which kernel was judged.

    `kernel` has the precondition under which it was judged.
    """

    verdict: Verdict | Unsafe
    methods: tuple[MethodVerdict, ...]
    kernel: Kernel

    @property
    def proved(self) -> bool:
        """Whether the kernel is proved right, and its file declares what it does."""
        return self.verdict.proved

    @property
    def instructions(self) -> Verdict:
        """The verdict over the instructions alone."""
        return self.verdict.instructions if isinstance(self.verdict, Unsafe) else self.verdict

    @property
    def decisive(self) -> tuple[str, ...]:
        """The methods that decided the verdict over the instructions; none where it is unknown."""
        if isinstance(self.instructions, Unknown):
            return ()
        name = self.instructions.name
        return tuple(m.method for m in self.methods if m.verdict.name == name)

    def held_against(self, breaches: tuple[Breach, ...]) -> Judgement:
        """Return the judgement of a statement with these instructions and `breaches`.

        Without a breach, or where the instructions are refuted, it is theirs.
        """
        if not breaches or isinstance(self.instructions, Refuted):
            return self
        return replace(self, verdict=Unsafe(breaches, self.instructions))
