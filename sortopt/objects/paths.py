"""Every path through a function that branches, each lifted as straight-line code is.

Jumps on numbers that are known, counters and indices, are decided while the code is followed; at a
jump on two keys both ways are.  So a loop is followed as often as it runs.

Sound because a path ends only at a return, a jump is followed only where its flags are known to be
those of two keys or of numbers, and everything else is refused, or ends the reading at a limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile

from sortopt.base import InputError, LimitReached
from sortopt.formats import PASSED_OVER, Parsed, Settled, Token, is_return
from sortopt.model import Breach, Condition, Order, Place, Signedness
from sortopt.objects.answers import ANY, Answers
from sortopt.objects.decode import Code, Decoded, does
from sortopt.objects.effects import Compute, Effect
from sortopt.objects.lift import Run
from sortopt.objects.numbers import holds
from sortopt.objects.places import STACK
from sortopt.objects.shape import shape_of
from sortopt.objects.x86_effects import IMMEDIATE, x86_condition

LONGEST = 10_000
"""The most instructions that are followed on one path."""
_MOST_FOLLOWED = 200_000
"""The most instructions that are followed on all paths together."""
_DEEPEST = 250
"""The most jumps on keys on one path."""
_JUMP, _JUMP_OR_CALL = 1, frozenset((1, 2))
"""capstone's groups of jumps, and of these and calls."""


@dataclass(frozen=True, slots=True)
class Jump:
    """A jump on two keys, and what is on its two sides; None where no input gets there."""

    condition: Condition
    at: Token
    taken: Part | None
    passed: Part | None


@dataclass(frozen=True, slots=True)
class Part:
    """The instructions of the model up to a jump on keys, or to the end."""

    program: tuple[Parsed, ...]
    jump: Jump | None


@dataclass(frozen=True, slots=True)
class Walked:
    """All paths from `start`, what they hold together, and how many and how long they are."""

    start: Part
    settled: Settled
    breaches: tuple[Breach, ...]
    jumps: int
    paths: int
    longest: int


def first_jump(code: Code) -> Decoded | None:
    """Return the first jump of a function of x86-64 before it first returns, or None."""
    before = takewhile(lambda d: not (code.returns and is_return(d.text)), code.decoded)
    return next((d for d in before if d.detail and _JUMP in d.detail.groups), None)


def walk(code: Code, keys: frozenset[str], *, distinct: bool) -> Walked:
    """Follow all paths of a function; the registers of the families `keys` hold keys on entry.

    Raises InputError at the first instruction that is not understood, LimitReached where paths are
    too long or too many.  Keys are of the least width with which that works.
    """
    machine = code.function.machine
    known = [*_readable(code)]
    sizes = sorted({_compared(e) for e in known} - {0}) or [4]
    families = {r.family for r in machine.registers.values() if r.place is Place.REGISTER}
    refused: list[tuple[int, InputError]] = []
    for size in sizes:
        of_size = [e for e in known if _compared(e) in (0, size)]
        walker = _Walker(code)
        try:
            shape = shape_of(of_size, machine)
            run = Run(shape, machine, frozenset(families - keys | {STACK, machine.link}))
            return walker.walked(run, distinct=distinct)
        except InputError as error:
            refused.append((walker.followed, error))
    raise max(refused, key=lambda each: each[0])[1]


def _readable(code: Code) -> Iterator[Effect]:
    """Yield what the instructions of a function do that are understood, wherever they stand."""
    for decoded in code.decoded:
        if not _JUMP_OR_CALL.isdisjoint(decoded.detail.groups):
            continue
        with suppress(InputError):
            yield from does(code, decoded)[1]


def _compared(effect: Effect) -> int:
    """Return how many bytes an instruction compares; 0 where it does not compare."""
    compares = isinstance(effect, Compute) and effect.parsed.mnemonic.form.target is None
    return effect.operands[0].size if isinstance(effect, Compute) and compares else 0


class _Walker:
    """What is found while all paths of one function are followed."""

    def __init__(self, code: Code) -> None:
        self.followed = 0
        self._code = code
        self._at = {decoded.address: decoded for decoded in code.decoded}
        self._breaches: dict[Breach, None] = {}
        self._lost: dict[str, Token] = {}
        self._program: list[Parsed] = []
        self._jumps: set[int] = set()
        self._sign: tuple[Signedness, Token] | None = None
        self._paths = self._longest = 0

    def walked(self, run: Run, *, distinct: bool) -> Walked:
        """Follow all paths from the beginning of the function."""
        function = self._code.function
        if not self._code.decoded:
            raise InputError(f"{function.name} holds no instruction")
        start = self._part(run, Answers(), function.start, (0, 0))
        settled = Settled(tuple(self._program), run.shape.cell * 8, self._lost, distinct=distinct)
        return Walked(
            start, settled, tuple(self._breaches), len(self._jumps), self._paths, self._longest
        )

    def _part(self, run: Run, answers: Answers, address: int, done: tuple[int, int]) -> Part:
        """Follow the code from `address` on to the next jump on keys, and both ways from there.

        `done` are the instructions, and the jumps on keys, on the path so far.
        """
        length, depth = done
        while True:
            decoded = self._decoded(address)
            at = run.at = self._code.places(decoded).mnemonic
            length += 1
            self._count(length, depth, at)
            address += decoded.size
            if is_return(decoded.text):
                self._end(run, length)
                return Part(self._keep(run), None)
            if _JUMP in decoded.detail.groups:
                target = self._target(decoded, at)
                condition = self._condition(decoded, at, run, answers)
                if isinstance(condition, Condition):
                    self._jumps.add(decoded.address)
                    program = self._keep(run)
                    possible = answers.possible()
                    sides = [
                        self._side(run, answers, outcomes & possible, place, (length, depth + 1))
                        for outcomes, place in (
                            (condition.holds, target), (ANY & ~condition.holds, address),
                        )
                    ]  # fmt: skip
                    return Part(program, Jump(condition, at, *sides))
                address = target if condition else address
            elif decoded.mnemonic not in PASSED_OVER:
                self._follow(decoded, run, answers)

    def _follow(self, decoded: Decoded, run: Run, answers: Answers) -> None:
        if not _JUMP_OR_CALL.isdisjoint(decoded.detail.groups):
            raise run.at.fault(
                "a call of another function is not followed",
                "declare it static inline, or compile with -O2",
            )
        before = len(run.program)
        run.follow([does(self._code, decoded)])
        for parsed in run.program[before:]:
            self._read_as(parsed.mnemonic.form.signedness, parsed.token)
            answers.follow(parsed)

    def _side(
        self, run: Run, answers: Answers, outcomes: Order, address: int, done: tuple[int, int]
    ) -> Part | None:
        """Follow one side of a jump that is taken after `outcomes`; None where there are none."""
        if not outcomes:
            return None
        known = answers.copy()
        known.learn(outcomes)
        return self._part(run.apart(), known, address, done)

    def _keep(self, run: Run) -> tuple[Parsed, ...]:
        """Return the instructions of the model since the last jump on keys."""
        program = tuple(run.program)
        self._program += program
        return program

    def _end(self, run: Run, length: int) -> None:
        self._paths += 1
        self._longest = max(self._longest, length)
        self._breaches |= dict.fromkeys(run.breaches(returns=True))
        self._lost |= run.lost()

    def _count(self, length: int, depth: int, at: Token) -> None:
        self.followed += 1
        if length > LONGEST or depth > _DEEPEST:
            what = f"{LONGEST:,} instructions" if length > LONGEST else f"{_DEEPEST} jumps on keys"
            raise LimitReached(f"line {at.line}: more than {what} on one path", hint=_FEWER)
        if self.followed > _MOST_FOLLOWED:
            raise LimitReached(
                f"more than {_MOST_FOLLOWED:,} instructions on all paths", hint=_FEWER
            )

    def _decoded(self, address: int) -> Decoded:
        function = self._code.function
        found = self._at.get(address)
        if found is None:
            last = self._code.decoded[-1]
            behind = address == last.address + last.size
            where = f"runs on into {function.behind}" if behind else "jumps out of its own code"
            raise InputError(f"{function.name} {where}", hint=_ENDS)
        return found

    def _target(self, decoded: Decoded, at: Token) -> int:
        """Return where a jump goes; raises InputError where that is not known, or elsewhere."""
        (operand, *_) = decoded.detail.operands
        patched = dict(self._code.function.references)
        named = [patched.get(a) for a in range(decoded.address, decoded.address + decoded.size)]
        if operand.type != IMMEDIATE or any(named):
            where = next(filter(None, named), "a place that is not known")
            raise at.fault(f"this jumps to {where}, which is not followed", _ENDS)
        target: int = operand.imm
        return target

    def _condition(
        self, decoded: Decoded, at: Token, run: Run, answers: Answers
    ) -> Condition | bool:
        """Return whether a jump is taken, or on which condition on two keys."""
        if decoded.mnemonic == "jmp":
            return True
        code = decoded.mnemonic.removeprefix("j")
        if run.flags is not None:
            decided = holds(run.flags, code)
            if decided is None:
                raise at.fault(f"{decoded.mnemonic} tests flags that are not known here")
            return decided
        if run.spoiler is not None or not answers.compared:
            left = f" that line {run.spoiler.line} left" if run.spoiler else ", which are not known"
            raise at.fault(
                f"{decoded.mnemonic} tests flags{left}",
                "only jumps on two keys, or on numbers that are known, are followed",
            )
        condition = x86_condition(code)
        if condition is None:
            raise at.fault(f"{decoded.mnemonic} tests something else than the order of two keys")
        self._read_as(condition.signedness, at)
        return condition

    def _read_as(self, sign: Signedness | None, at: Token) -> None:
        """Refuse code that reads keys as signed and as unsigned ones."""
        if sign is None:
            return
        self._sign = self._sign or (sign, at)
        first, token = self._sign
        if first is not sign:
            raise at.fault(
                f"{at.text.lower()} reads keys as {sign.value}, but {token.text.lower()} in line "
                f"{token.line} as {first.value}",
                "a key type is signed or unsigned; use one kind of condition throughout",
            )


_ENDS = "a function ends in ret"
_FEWER = "try it with fewer keys"
