"""Windows of a kernel: what reaches them, what may leave them, and shorter programs for them.

What reaches a window is known exactly (`flow`), or contained in a known set of orders of its cells
(`columns`).  What may leave it is either whatever lets the rest of the kernel finish the job (its
don't-cares), or what the window leaves now in the cells that are live behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np

from sortopt.model import (
    Form,
    Instr,
    Isa,
    Kernel,
    Live,
    Place,
    list_instructions,
    liveness,
    rebuild,
)
from sortopt.optimize import _window_kernels as kernels
from sortopt.optimize import window_search as search
from sortopt.optimize.flow import Flow
from sortopt.optimize.program import forms_for
from sortopt.optimize.window_search import Flags, Ints, Repertoire, encode


@dataclass(frozen=True, slots=True)
class Span:
    """The instructions first … stop - 1 of a kernel, over `cells`, its own and perhaps others."""

    kernel: Kernel
    first: int
    stop: int
    cells: tuple[int, ...]

    @property
    def program(self) -> tuple[Instr, ...]:
        """The instructions, over cells numbered as in `cells`."""
        number = {cell: t for t, cell in enumerate(self.cells)}
        return tuple(
            Instr(i.form, tuple(number[cell] for cell in i.operands))
            for i in self.kernel.instructions[self.first : self.stop]
        )

    @property
    def placed(self) -> tuple[int, ...]:
        """The positions in `cells` of those that are live behind the window."""
        live = _liveness(self.kernel)[self.stop].cells
        return tuple(t for t, cell in enumerate(self.cells) if cell in live)

    @property
    def flags_live(self) -> bool:
        """Whether the flags are live behind the window."""
        return _liveness(self.kernel)[self.stop].flags

    def repertoire(self) -> Repertoire:
        """Return the instructions that may stand in the window."""
        kernel = self.kernel
        written = {i.writes for i in kernel.instructions}
        places = tuple(kernel.cells[cell].place for cell in self.cells)
        frozen = tuple(
            place is Place.MEMORY and cell not in written
            for place, cell in zip(places, self.cells, strict=True)
        )
        return _repertoire(kernel.isa, forms_for(kernel), places, frozen, self.flags_live)

    def replaced(self, program: Sequence[Instr]) -> Kernel:
        """Return the kernel with `program`, over local cells, in the window's place."""
        instructions = self.kernel.instructions
        middle = tuple(self._global(i) for i in program)
        return rebuild(
            self.kernel, (*instructions[: self.first], *middle, *instructions[self.stop :])
        )

    def _global(self, instruction: Instr) -> Instr:
        return Instr(instruction.form, tuple(self.cells[t] for t in instruction.operands))


@lru_cache(maxsize=256)
def _repertoire(
    isa: Isa,
    forms: tuple[Form, ...],
    places: tuple[Place, ...],
    frozen: tuple[bool, ...],
    flags_live: bool,
) -> Repertoire:
    """Return the instructions of `forms` over cells in `places` that do not write a frozen cell."""
    listed = list_instructions(isa, forms, places, rest_fixed=flags_live)
    kept = tuple(i for i in listed if i.writes is None or not frozen[i.writes])
    return search.repertoire(len(places), kept)


_last: tuple[Kernel, tuple[Live, ...]] | None = None


def _liveness(kernel: Kernel) -> tuple[Live, ...]:
    """Return `liveness`, kept for as long as the same kernel is asked about."""
    global _last
    known = _last
    if known is None or known[0] is not kernel:
        known = kernel, liveness(kernel)
        _last = known
    return known[1]


@dataclass(frozen=True)
class Task:
    """A span with the local states that reach it, and for each those that may leave it."""

    span: Span
    usable: Repertoire
    start: Ints
    accepted: Flags

    def key(self) -> tuple[object, ...]:
        """Return what the search depends on."""
        return self.usable, self.start.tobytes(), np.packbits(self.accepted).tobytes()

    def programs(
        self, limit: int, *, most: int = 1, nodes: int = 1_000_000
    ) -> list[tuple[Instr, ...]]:
        """Return up to `most` programs of at most `limit` instructions for the window."""
        return search.programs(
            self.usable, self.start, self.accepted, limit, most=most, nodes=nodes
        )

    def left(self, states: Ints) -> Ints:
        """Return what of local states is visible behind the window, one line a state."""
        digits = self.usable.digits[states].astype(np.int64)
        visible = [*self.span.placed, *([digits.shape[1] - 1] if self.span.flags_live else [])]
        return digits[:, visible]

    def seen(self, states: Ints) -> Ints:
        """Return the same as one number a state."""
        visible = self.left(states)
        base = self.usable.cells + 4
        return np.asarray(visible @ base ** np.arange(visible.shape[1], dtype=np.int64))


def spans(kernel: Kernel, size: int, extra: Sequence[int] = ()) -> Iterator[Span]:
    """Yield the windows of `size` instructions that touch few enough cells, first to last.

    Cells of `extra`, and after them cells that are dead behind the window, fill up to four.
    """
    for first in range(len(kernel) - size + 1):
        stop = first + size
        touched = {c for i in kernel.instructions[first:stop] for c in i.operands}
        if len(touched) > search.MOST_CELLS:
            continue
        live = _liveness(kernel)[stop].cells
        dead = [c for c in kernel.scratch if c not in live]
        for cell in (*extra, *dead):
            if len(touched) < 4 and cell < len(kernel.cells):
                touched.add(cell)
        yield Span(kernel, first, stop, tuple(sorted(touched)))


def task_of(span: Span, flow: Flow) -> Task:
    """Return the task of a span that exactly the assignments `flow` reach.

    Cost: every row runs through the rest of the kernel once for each exit still accepted.
    """
    usable, k = span.repertoire(), len(span.cells)
    codes = np.empty(len(flow.rows), np.int64)
    ranks = np.zeros((len(flow.rows), k + 1), np.uint8)
    touched = np.array(span.cells, np.int64)
    kernels.localize(flow.rows, flow.flags, touched, codes, ranks)
    start, groups = np.unique(codes, return_inverse=True)
    exits = _exits(k, len(span.placed), flags=span.flags_live)
    tops = usable.digits[start, :k].max(axis=1)
    ok = exits[:, :-1].max(axis=1, initial=0)[None, :] <= tops[:, None]
    kernels.accepted_exits(
        flow.rows,
        groups.astype(np.int64),
        ranks,
        flow.wanted,
        kernels.Exits(touched[list(span.placed)], exits),
        encode(span.kernel.instructions[span.stop :]),
        np.array(span.kernel.contract.outputs, np.int64),
        ok,
    )
    return Task(span, usable, start.astype(np.int64), _expanded(span, usable, ok))


def task_keeping(span: Span, start: Ints) -> Task:
    """Return the task to leave behind what the window leaves now, for every local state `start`.

    Sound wherever no other local state reaches the window: then the rest of the kernel sees no
    difference.
    """
    usable = span.repertoire()
    number = np.arange(len(usable.digits))
    kept = Task(span, usable, start, np.zeros((0, 0), np.bool_))
    now, everything = kept.seen(usable.run(start, span.program)), kept.seen(number)
    accepted = now[:, None] == everything[None, :]
    return Task(span, usable, start, accepted)


def _exits(cells: int, placed: int, *, flags: bool) -> Ints:
    """Return every way to leave a window: the dense ranks of its live cells, then the flags."""
    ways = product(range(1, cells + 1), repeat=placed)
    outcomes = (1, 2, 3) if flags else (0,)
    lines = [(*ranks, flag) for ranks in ways for flag in outcomes]
    return np.array(lines, np.int64).reshape(-1, placed + 1)


def _expanded(span: Span, usable: Repertoire, ok: Flags) -> Flags:
    """Return which local states are accepted, given which exits are."""
    k, digits = len(span.cells), usable.digits.astype(np.int64)
    index = np.zeros(len(digits), np.int64)
    legal = np.ones(len(digits), np.bool_)
    for t in span.placed:
        index = index * k + digits[:, t] - 1
        legal &= digits[:, t] > 0
    if span.flags_live:
        index = index * 3 + digits[:, -1] - 1
        legal &= digits[:, -1] > 0
    return ok[:, np.where(legal, index, 0)] & legal
