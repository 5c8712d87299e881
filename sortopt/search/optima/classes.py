"""One shortest kernel of each class, as they come, without a list of those that came before.

Two kernels are in one class when one becomes the other by exchanging neighbours that do not depend
on each other, and by renaming scratch cells and, where every order of the keys may come in, input
cells.  Listed is the kernel whose *word*, its instructions by their numbers, is the least of its
class.  A beginning is dropped as soon as a renaming makes a lesser word of it.  Sound because what
makes a beginning less makes less every kernel that goes on from it, so the least kernel of a class
begins with none that is dropped (orderly generation: Read 1978; Faradzhev 1978).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sortopt.model import Form, Instr, Kernel, commute
from sortopt.search.exhaustive import as_listed, kernel_of, output_cells
from sortopt.search.optima.counting import Optima, Walk
from sortopt.search.space import Ids, Universe, renamings_of

Word = tuple[int, ...]
"""Instructions by their numbers."""


def classes_of(found: Optima) -> Iterator[Kernel]:
    """Yield one kernel of each class; the memory taken does not grow with their number."""
    universe, walk = found.search.universe, Walk(found)
    renamings = _renamings(universe)

    def go_on(path: Word, state: Ids, renamed: Sequence[_Renamed]) -> Iterator[Kernel]:
        if len(path) == found.length:
            outputs = output_cells(universe, state)
            yield kernel_of(universe, path, outputs, in_order=found.in_order)
            return
        for q, child in walk.children(state, len(path)):
            words = [to.extended(*one, q) for to, one in zip(renamings, renamed, strict=True)]
            longer = *path, q
            if all(word >= longer for word, _ in words):
                yield from go_on(longer, child, words)

    return go_on((), universe.start, [((), False)] * len(renamings))


_Renamed = tuple[Word, bool]
"""The least word of a renamed program, and whether its last comparison stands turned round."""


@dataclass(frozen=True, slots=True)
class _Renaming:
    """What a renaming of the cells makes of each instruction, all by their numbers.

    Where `cmp a,b` stands for `cmp b,a`, that comparison is `turned`, and the instructions behind
    it become those in `exchanged`, not those in `plain`.  `waits_for[q]` are the instructions that
    do not change places with q.
    """

    plain: Word
    exchanged: Word
    turned: tuple[bool, ...]
    compares: tuple[bool, ...]
    waits_for: tuple[frozenset[int], ...]

    def extended(self, word: Word, turned: bool, q: int) -> _Renamed:
        """Return the least word of a renamed program with one more instruction, q before renaming.

        That one goes before what follows all that it waits for and is greater: then again, of all
        instructions that may come next, the least always does (Anisimov and Knuth 1979).
        """
        new = (self.exchanged if turned else self.plain)[q]
        place = len(word)
        while place and word[place - 1] not in self.waits_for[new]:
            place -= 1
        while place < len(word) and word[place] < new:
            place += 1
        now = self.turned[q] if self.compares[q] else turned
        return (*word[:place], new, *word[place:]), now


def _renamings(universe: Universe) -> list[_Renaming]:
    """Return the renamings of cells that take kernels of the problem to such kernels."""
    problem, listed = universe.problem, universe.instructions
    instructions = [Instr(form, cells) for form, cells in listed]
    waits_for = tuple(
        frozenset(p for p, other in enumerate(instructions) if not commute(one, other))
        for one in instructions
    )
    compares = tuple(form.writes_flags for form, _ in listed)
    keys = tuple(range(problem.n))
    renamings = []
    for to in renamings_of(replace(problem, in_place=True)):
        if not problem.symmetric_inputs and to[: problem.n] != keys:
            continue
        moved = [(form, tuple(to[c] for c in cells)) for form, cells in listed]
        plain = _numbers(universe, moved)
        turned = tuple(
            compared and listed[p][1] != cells
            for compared, p, (_, cells) in zip(compares, plain, moved, strict=True)
        )
        other = [(problem.isa.exchanged(form) or form, cells) for form, cells in moved]
        renamings.append(_Renaming(plain, _numbers(universe, other), turned, compares, waits_for))
    return renamings


def _numbers(universe: Universe, instructions: list[tuple[Form, tuple[int, ...]]]) -> Word:
    """Return the numbers of the instructions of the table that do the same as these alone."""
    number = {instruction: q for q, instruction in enumerate(universe.instructions)}
    return tuple(number[as_listed(universe.problem, [one])[0]] for one in instructions)
