"""Every path through a function that branches, each lifted as straight-line code is.

Jumps on numbers that are known, counters and indices, are decided while the code is followed; at a
jump on two keys both ways are.  So a loop is followed as often as it runs, and a call of a function
of the same file into it and back.

Sound because a path ends only at a return, a jump is followed only where its flags are known to be
those of two keys or of numbers, and everything else is refused, or ends the reading at a limit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import product

from sortopt.base import UNLIMITED, Budget, InputError, LimitReached
from sortopt.formats import PASSED_OVER, Parsed, Settled, Token, is_return
from sortopt.model import Breach, Condition, Isa, Place, Signedness
from sortopt.objects.alignment import aligned_buffers
from sortopt.objects.calls import call, come_back, with_called
from sortopt.objects.decode import Code, Decoded, does
from sortopt.objects.effects import Compute, Effect, Turn
from sortopt.objects.jumps import CALLS, ENDS, tested, turn
from sortopt.objects.lift import Run
from sortopt.objects.numbers import holds
from sortopt.objects.object_file import Position
from sortopt.objects.places import FRAME, Known
from sortopt.objects.shape import STACK, shape_of

Way = tuple[Sequence[Effect], Position]
"""What is done on one side of a jump, and the position at which the code goes on there."""
LONGEST = 10_000
"""The most instructions that are followed on one path."""
_MOST_FOLLOWED = 200_000
"""The most instructions that are followed on all paths together."""
_AT_ONCE = 1_000
"""How many instructions are followed between two looks at the clock."""
_DEEPEST = 250
"""The most jumps on keys on one path."""
_MOST_NESTED = 16
"""The most calls within one another."""
_FEWER = "try it with fewer keys"


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
    """All paths from `start`, what they hold together, and how many and how long they are.

    `written` are the registers that are written on some path, by family, and where; `late` are
    pairs, in an asm statement, of one written and one read afterwards as on entry, and where;
    `called` are the names of the functions that are gone through besides.
    """

    start: Part
    settled: Settled
    breaches: tuple[Breach, ...]
    jumps: int
    paths: int
    longest: int
    isa: Isa
    written: Mapping[str, Token]
    late: Mapping[tuple[str, str], tuple[Token, Token]]
    called: tuple[str, ...]


def walk(
    code: Code, keys: frozenset[str], *, distinct: bool, length: Known | None = None,
    lie: bool = False, handed: frozenset[str] | None = None, budget: Budget = UNLIMITED,
) -> Walked:  # fmt: skip
    """Follow all paths of a function; the registers of the families `keys` hold keys on entry.

    So do, in an asm statement, those that are not `handed` over: keys of which nothing is known.
    `length` is how many keys it is given; comparisons may `lie`.  Keys are of the least width with
    which that works.
    Raises InputError at the first instruction that is not understood, LimitReached where paths are
    too long or too many, or the budget is spent.
    """
    machine = code.function.machine
    codes = with_called(code) if code.returns else [code]
    known = [effect for each in codes for effect in _readable(each)]
    floating = [e for e in known if isinstance(e, Compute) and e.parsed.mnemonic.isa.floating]
    if floating:  # whatever else compares, compares numbers and pointers
        known = [e for e in known if not isinstance(e, Compute) or e in floating]
    families = {r.family for r in machine.registers.values() if r.place is Place.REGISTER}
    given = families.union(machine.saved) if handed is None else handed
    pointers = frozenset(given - keys | {STACK, machine.link})
    sizes = sorted({_compared(e) for e in known} - {0}) or [4]
    told = bool(floating) or machine.tells_width(machine.registers[machine.arguments[0]])
    refused: list[tuple[int, InputError]] = []
    idle: Walked | None = None
    for size, cell in product(sizes, (None,) if told else (4, 8)):
        walker = _Walker(codes, budget)
        try:
            shape = shape_of([e for e in known if _compared(e) in (0, size)], machine)
            shape = replace(shape, cell=cell or shape.cell)
            run = Run(shape, machine, pointers)
            run.combines, run.known, run.answers.lie = True, length, lie
            run.bases |= {length.base} if length and length.base else set()
            found = walker.walked(run, distinct=distinct)
            if length is None or _has_width(found, length):
                return found
            idle = idle or found
        except InputError as error:
            refused.append((walker.followed, error))
    if idle is not None:
        return idle
    raise max(refused, key=lambda each: each[0])[1]


def _has_width(found: Walked, length: Known) -> bool:
    """Return whether code shows that keys have the width with which it was followed.

    A pointer to the end says how many keys there are only by their width: where none is touched,
    they may be wider.
    """
    touched = any(o.address for parsed in found.settled.program for o in parsed.operands)
    return touched or not length.base or length.value < 2


def _readable(code: Code) -> Iterator[Effect]:
    """Yield what the instructions of a function do that are understood, wherever they stand."""
    for decoded in code.decoded:
        with suppress(InputError):
            found = turn(code, decoded)
            if found is None:
                yield from does(code, decoded)[1]
            else:
                yield from (found.plain,) if found.plain else found.before


def _compared(effect: Effect) -> int:
    """Return how many bytes an instruction compares; 0 where it does not compare."""
    if not isinstance(effect, Compute):
        return 0
    mnemonic = effect.parsed.mnemonic
    if mnemonic.isa.floating:
        return (mnemonic.form.bits or 0) // 8
    return effect.operands[0].size if mnemonic.form.target is None else 0


@dataclass(frozen=True, slots=True)
class _Where:
    """A place on a path: the position of the next instruction, and the code that leads there.

    `length` instructions and `depth` jumps on keys are on the path so far, and calls come back to
    the positions `callers`.
    """

    code: Code
    position: Position
    length: int = 0
    depth: int = 0
    callers: tuple[Position, ...] = ()


def _behind(code: Code) -> Position:
    """Return the position behind some code."""
    last = code.decoded[-1]
    return code.function.section, last.address + last.size


class _Walker:
    """What is found while all paths of one function, the first of `codes`, are followed."""

    def __init__(self, codes: Sequence[Code], budget: Budget) -> None:
        self.followed = 0
        self._budget = budget
        self._code = codes[0]
        self._at = {
            (code.function.section, decoded.address): (code, decoded)
            for code in reversed(codes)
            for decoded in code.decoded
        }
        self._known: dict[Position, Turn | Sequence[Effect]] = {}
        self._called: dict[str, None] = {}
        self._breaches: dict[Breach, None] = {}
        self._lost: dict[str, Token] = {}
        self._aligned: dict[str, Token] = {}
        self._written: dict[str, Token] = {}
        self._program: list[Parsed] = []
        self._jumps: set[Position] = set()
        self._made: set[Token] = set()
        self._sign: tuple[Signedness, Token] | None = None
        self._paths = self._longest = 0

    def walked(self, run: Run, *, distinct: bool) -> Walked:
        """Follow all paths from the beginning of the function."""
        function = self._code.function
        if not self._code.decoded:
            raise InputError(f"{function.name} holds no instruction")
        start = self._part(run, _Where(self._code, (function.section, function.start)))
        run.check_addresses()
        settled = Settled(
            tuple(self._program), run.shape.cell * 8, self._lost, distinct, self._aligned
        )
        return Walked(
            start, settled, tuple(self._breaches), len(self._jumps), self._paths, self._longest,
            run.shape.isa, self._written, run.late, tuple(self._called),
        )  # fmt: skip

    def _part(self, run: Run, here: _Where) -> Part:
        """Follow the code from `here` on to the next jump on keys, and both ways from there."""
        while self._code.returns or here.position != _behind(self._code):
            position = here.position
            code, decoded = self._decoded(here)
            at = code.places(decoded).mnemonic
            run.begin(at, watched=not self._code.returns)
            behind = code.function.section, decoded.address + decoded.size
            here = replace(here, code=code, position=behind, length=here.length + 1)
            self._count(here, at)
            if is_return(decoded.text):
                if not here.callers:
                    if not self._code.returns:
                        raise at.fault("this returns from the function around it")
                    break
                *callers, back = here.callers
                come_back(run, at, back)
                here = replace(here, position=back, callers=tuple(callers))
                continue
            found = self._read(code, decoded)
            if not isinstance(found, Turn):
                self._follow(run, found)
                continue
            if found.plain and run.picks_keys(found.plain):
                self._follow(run, (found.plain,))
                continue
            if found.calls:
                here = self._call(run, here, at)
            condition = self._condition(found, decoded.mnemonic, run)
            ways = [(found.taken, self._target(found, here, at)), (found.passed, behind)]
            if isinstance(condition, Condition) or tested(found, run.writer) & self._made:
                if found.target is None:
                    self._made.add(at)
                else:
                    self._jumps.add(position)
            if isinstance(condition, Condition):
                return self._fork(run, condition, ways, here)
            effects, position = ways[0] if condition else ways[1]
            self._follow(run, effects)
            here = replace(here, position=position)
        self._end(run, here.length)
        return Part(self._keep(run), None)

    def _fork(self, run: Run, condition: Condition, ways: Sequence[Way], here: _Where) -> Part:
        """Follow both ways from a jump on two keys, which ends a part; None where no input goes."""
        program, outcomes = self._keep(run), run.answers.sides(condition)
        sides: list[Part | None] = [None, None]
        for number, (effects, position) in enumerate(ways):
            if any(outcomes[number]):
                apart = run.apart()
                apart.at = run.at
                apart.answers.learn(outcomes[number])
                self._follow(apart, effects)
                there = replace(here, position=position, depth=here.depth + 1)
                sides[number] = self._part(apart, there)
        return Part(program, Jump(condition, run.at, *sides))

    def _call(self, run: Run, here: _Where, at: Token) -> _Where:
        """Call a function that comes back to `here`; return the same, with that noted."""
        if len(here.callers) == _MOST_NESTED:
            raise at.fault(
                f"more than {_MOST_NESTED} calls within one another are not followed",
                "compile with -O2, so that small functions are inlined; or try fewer keys",
            )
        call(run, at, here.position)
        return replace(here, callers=(*here.callers, here.position))

    def _target(self, found: Turn, here: _Where, at: Token) -> Position:
        """Return where a jump or call leads; raises InputError for a call of what is not known."""
        if found.target is None:
            return here.position
        section, _ = here.position
        target = section if found.section is None else found.section, found.target
        code, _ = self._at.get(target, (None, None))
        if code is not None and code is not self._code:
            self._called[code.function.name] = None
        if code is None and found.calls:
            raise at.fault("this calls a place that is not known, which is not followed", CALLS)
        return target

    def _read(self, code: Code, decoded: Decoded) -> Turn | Sequence[Effect]:
        """Return what an instruction does, or how code goes on behind it."""
        position = code.function.section, decoded.address
        if position not in self._known:
            found: Turn | Sequence[Effect] | None = turn(code, decoded)
            if found is None:
                idle = decoded.mnemonic in PASSED_OVER
                found = () if idle else does(code, decoded)[1]
            self._known[position] = found
        return self._known[position]

    def _follow(self, run: Run, effects: Sequence[Effect]) -> None:
        before = len(run.program)
        run.follow([(run.at, effects)])
        for parsed in run.program[before:]:
            self._read_as(parsed.mnemonic.form.signedness, parsed.token)

    def _keep(self, run: Run) -> tuple[Parsed, ...]:
        """Return the instructions of the model since the last jump on keys."""
        self._program += (program := tuple(run.program))
        return program

    def _end(self, run: Run, length: int) -> None:
        self._paths += 1
        self._longest = max(self._longest, length)
        self._breaches |= dict.fromkeys(run.breaches(returns=self._code.returns))
        self._lost |= run.lost()
        self._aligned |= aligned_buffers(run.aligned, run.machine)
        for family, token in run.writer.items():
            if not self._code.returns and family in (STACK, FRAME):
                raise token.fault(
                    "this uses the stack, where the compiler may keep what it needs",
                    "use registers that are declared as clobbers",
                )
            if run.machine.place_of(family) is not None:
                self._written.setdefault(family, token)

    def _count(self, here: _Where, at: Token) -> None:
        self.followed += 1
        if self.followed % _AT_ONCE == 0:
            self._budget.check()
        if (long := here.length > LONGEST) or here.depth > _DEEPEST:
            what = f"{LONGEST:,} instructions" if long else f"{_DEEPEST} jumps on keys"
            raise LimitReached(f"line {at.line}: more than {what} on one path", hint=_FEWER)
        if self.followed > _MOST_FOLLOWED:
            raise LimitReached(
                f"more than {_MOST_FOLLOWED:,} instructions on all paths", hint=_FEWER
            )

    def _decoded(self, here: _Where) -> tuple[Code, Decoded]:
        found = self._at.get(here.position)
        if found is None:
            function = here.code.function
            behind = here.position == _behind(here.code)
            where = f"runs on into {function.behind}" if behind else "jumps out of its own code"
            raise InputError(f"{function.name} {where}", hint=ENDS)
        return found

    def _condition(self, found: Turn, word: str, run: Run) -> Condition | bool:
        """Return whether a jump is taken, or on which condition on two keys."""
        if not found.code:
            return True
        at, left = run.at, (run.spoiler, run.flags)
        self._follow(run, found.before)
        flags, spoiler = run.flags, run.spoiler
        if found.keeps:
            run.spoiler, run.flags = left
        if flags is not None:
            decided = holds(flags, found.code)
            run.rely(flags, found.code)
            if decided is None:
                raise at.fault(
                    f"{word} tests flags that are not known here",
                    "only conditions on two keys, or on numbers that are known, are followed",
                )
            return decided
        if spoiler is not None or not run.answers.compared:
            what = f" that line {spoiler.line} left" if spoiler else ", which no comparison has set"
            raise at.fault(
                f"{word} tests flags{what}",
                "only conditions on two keys, or on numbers that are known, are followed",
            )
        condition = found.floats if run.shape.isa.floating else found.condition
        if condition is None:
            raise at.fault(f"{word} tests something else than the order of two keys")
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
