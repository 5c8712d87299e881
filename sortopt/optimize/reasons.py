"""Why a window may be replaced, in words: the comparisons that always hold there, and from where.

A reason is checked, not guessed: the old and the new program of the window leave the same in the
cells that are live behind it, for every order of its cells in which the named comparisons hold;
and none of those named can be left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations, permutations, product

import numpy as np

from sortopt.model import Action, Instr, key_name
from sortopt.optimize.program import show
from sortopt.optimize.window import Span, Task
from sortopt.optimize.window_search import MOST_CELLS, Flags, Ints

_FARTHEST = 8
"""How many instructions to each side a reason takes into view."""

Digits = Ints
"""One line a local state: the ranks of the window's cells, then the flags."""


@dataclass(frozen=True)
class Fact:
    """A relation of the window's cells: `holds` tells in which local states; `words` says it."""

    words: str
    about: tuple[int, ...]
    holds: Callable[[Digits], Flags]
    flags: bool = False


@dataclass(frozen=True, slots=True)
class Because:
    """A reason with how plain it is: 0 comparisons of cells, 1 with conditions, 2 none at all."""

    words: str
    plainness: int


def reason(span: Span, program: Sequence[Instr], reaching: Callable[[Span], Ints | None]) -> str:
    """Return what became of the window's instructions and why the rest does not mind.

    `reaching` gives the local states that reach a window.  Neighbouring instructions are taken
    into view, on both sides, as far as that makes the reason plainer.
    """
    best: tuple[int, int, str] | None = None
    for back, on in sorted(product(range(_FARTHEST + 1), repeat=2), key=lambda e: (sum(e), e)):
        wider = _widened(span, back, on)
        starts = None if wider is None else reaching(wider)
        if wider is None or starts is None:
            continue
        task = Task(wider, wider.repertoire(), starts, np.zeros((0, 0), np.bool_))
        because = _because(task, _within(span, wider, program))
        if best is None or (because.plainness, back + on) < best[:2]:
            best = because.plainness, back + on, because.words
        if best[0] == 0:
            break
    why = best[2] if best is not None else "the rest of the kernel does not need more"
    return f"{_change(span, program)}: {why}"


def _widened(span: Span, back: int, on: int) -> Span | None:
    """Return the window with so many more instructions on both sides; None where too wide."""
    first, stop = span.first - back, span.stop + on
    if first < 0 or stop > len(span.kernel):
        return None
    cells = {c for i in span.kernel.instructions[first:stop] for c in i.operands} | set(span.cells)
    if len(cells) > (4 if back + on else MOST_CELLS):
        return None
    return Span(span.kernel, first, stop, tuple(sorted(cells)))


def _within(span: Span, wider: Span, program: Sequence[Instr]) -> list[Instr]:
    """Return the wider window's new program, over its cells."""
    number = {cell: t for t, cell in enumerate(wider.cells)}
    middle = [Instr(i.form, tuple(number[span.cells[t]] for t in i.operands)) for i in program]
    own = wider.program
    behind = own[span.stop - wider.first :]
    return [*own[: span.first - wider.first], *middle, *behind]


def _change(span: Span, program: Sequence[Instr]) -> str:
    """Return for example `mov esi, ecx removed`."""
    old, gone, added = list(span.program), [], list(program)
    for instruction in old:
        if instruction in added:
            added.remove(instruction)
        else:
            gone.append(instruction)
    if not added and gone:
        named = (_named(span, i) for i in gone)
        shown = [" ".join(show(span.kernel, i).split()) for i in named]
        return f"{_list(shown)} removed"
    numbers = f"s {span.first + 1} to {span.stop}" if len(old) > 1 else f" {span.stop}"
    return f"instruction{numbers} replaced by {len(program)}"


def _named(span: Span, instruction: Instr) -> Instr:
    return Instr(instruction.form, tuple(span.cells[t] for t in instruction.operands))


def _because(task: Task, program: Sequence[Instr]) -> Because:
    span = task.span
    every = _possible(task)
    same = _unchanged(task, program, every)
    if same.all():
        return Because("same result for every order of " + _list(_names(span)), 0)
    digits = task.usable.digits.astype(np.int64)
    started, wrong = digits[task.start], digits[every][~same]
    facts = [fact for fact in _facts(task) if fact.holds(started).all()]
    if not _excluded(facts, wrong):
        if not _unchanged(task, program, task.start).all():
            return Because("the instructions after it do not need more", 3)
        cells = _list(_names(span))
        return Because(f"only {len(task.start)} of {len(every)} orders of {cells} occur here", 2)
    needed = list(facts)
    for fact in reversed(facts):
        rest = [f for f in needed if f is not fact]
        if _excluded(rest, wrong):
            needed = rest
    words = _list([fact.words for fact in needed])
    verb = "holds" if len(needed) == 1 else "hold"
    plain = all(len(fact.about) == 2 and not fact.flags for fact in needed)
    said = f"here {words} always {verb}, {_origin(span, needed)}"
    return Because(said, 0 if plain else 1)


def _excluded(facts: Sequence[Fact], states: Digits) -> bool:
    """Return whether every one of `states` contradicts some fact."""
    left = np.ones(len(states), np.bool_)
    for fact in facts:
        left &= fact.holds(states)
    return not left.any()


def _possible(task: Task) -> Ints:
    """Return all local states with every order of the defined cells, and flags that occur."""
    digits = task.usable.digits
    started = digits[task.start]
    ranks = digits[:, :-1]
    undefined = (started[:, :-1] == 0).all(axis=0)
    top = ranks.max(axis=1)
    dense = np.ones(len(digits), np.bool_)
    for value in range(1, ranks.shape[1] + 1):
        dense &= (ranks == value).any(axis=1) | (top < value)
    fits = ((ranks == 0) == undefined).all(axis=1)
    flags = np.isin(digits[:, -1], np.unique(started[:, -1]))
    return np.flatnonzero(dense & fits & flags)


def _unchanged(task: Task, program: Sequence[Instr], states: Ints) -> Flags:
    old = task.left(task.usable.run(states, task.span.program))
    new = task.left(task.usable.run(states, program))
    return np.asarray((old == new).all(axis=1))


_RELATIONS: tuple[tuple[str, Callable[[Ints, Ints], Flags]], ...] = (
    ("=", np.equal),
    ("<", np.less),
    (">", np.greater),
    ("<=", np.less_equal),
    (">=", np.greater_equal),
)


def _facts(task: Task) -> Iterator[Fact]:
    """Yield the relations that a reason may name, the plainest first."""
    names = _names(task.span)
    started = task.usable.digits[task.start]
    defined = [t for t in range(len(task.span.cells)) if (started[:, t] != 0).all()]
    for a, b in combinations(defined, 2):
        for symbol, relation in _RELATIONS:
            words = f"{names[a]} {symbol} {names[b]}"
            if ">" in symbol:
                words = f"{names[b]} {symbol.replace('>', '<')} {names[a]}"
            yield Fact(words, (a, b), partial(_related, relation, a, b))
    for a, b in permutations(defined, 2):
        words = f"the flags compare {names[a]} with {names[b]}"
        yield Fact(words, (a, b), partial(_compared, a, b), flags=True)
    for z, x, y in permutations(defined, 3):
        for symbol, relation in _RELATIONS[1:3]:
            words = f"{names[z]} = {names[x]} wherever {names[x]} {symbol} {names[y]}"
            yield Fact(words, (z, x, y), partial(_equal_where, relation, z, x, y))
    for z, x in permutations(defined, 2):
        for flag, outcome in enumerate(("less", "equal", "greater"), 1):
            words = f"{names[z]} = {names[x]} wherever the flags say {outcome}"
            yield Fact(words, (z, x), partial(_equal_after, flag, z, x), flags=True)


def _related(relation: Callable[[Ints, Ints], Flags], a: int, b: int, states: Digits) -> Flags:
    return relation(states[:, a], states[:, b])


def _compared(a: int, b: int, states: Digits) -> Flags:
    return np.asarray(states[:, -1] == 2 + np.sign(states[:, a] - states[:, b]))


def _equal_where(
    relation: Callable[[Ints, Ints], Flags], z: int, x: int, y: int, states: Digits
) -> Flags:
    equal = states[:, z] == states[:, x]
    return np.asarray(equal | ~relation(states[:, x], states[:, y]))


def _equal_after(flag: int, z: int, x: int, states: Digits) -> Flags:
    return np.asarray((states[:, -1] != flag) | (states[:, z] == states[:, x]))


def _origin(span: Span, facts: Sequence[Fact]) -> str:
    """Return which instructions wrote last what the facts are about."""
    cells = {span.cells[t] for fact in facts for t in fact.about}
    flags = any(fact.flags for fact in facts)
    numbers, entry = set(), False
    for cell in cells:
        writers = [
            i
            for i, instr in enumerate(span.kernel.instructions[: span.first])
            if instr.writes == cell
        ]
        entry |= not writers
        numbers |= set(writers[-1:])
    comparisons = [
        i
        for i, instr in enumerate(span.kernel.instructions[: span.first])
        if instr.form.action is Action.COMPARE
    ]
    numbers |= set(comparisons[-1:]) if flags else set()
    sources = []
    if numbers:
        plural = "s" * (len(numbers) > 1)
        sources.append(f"instruction{plural} " + _list([str(i + 1) for i in sorted(numbers)]))
    if entry:
        assumed = bool(span.kernel.contract.precondition)
        sources.append("the precondition" if assumed else "what came in")
    return "from " + " and ".join(sources)


def _names(span: Span) -> list[str]:
    """Return what to call the window's cells: those that still hold an input, with its key."""
    kernel = span.kernel
    written = {i.writes for i in kernel.instructions[: span.first]}
    names = []
    for cell in span.cells:
        name, inputs = kernel.cells[cell].name, kernel.contract.inputs
        if cell in inputs and cell not in written:
            name += f" ({key_name(inputs.index(cell), kernel.n)})"
        names.append(name)
    return names


def _list(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
