"""Kernels of minima and maxima, for any number of keys: exact reasoning on inputs of 0 and 1.

A *column* is a minimum-maximum expression of the keys, written as the set of 0-1 inputs on which
it is 1 (an integer of 2^n bits).  Sound and exact because such an expression f commutes with
every threshold: [f(v) >= t] = f([v >= t]).  So two expressions are equal iff they are equal on
all 0-1 inputs; and "c = d wherever x < y" fails iff there are two 0-1 inputs, one below the other
(two thresholds of one input), with x = 0, y = 1 on one and c != d on the other.

A kernel is executed on columns: after a comparison of x and y a cell holds one column where
x < y, one where x = y and one where x > y; where these are one expression, the cell holds a
column again.  What cannot be resolved so is unknown, never guessed.  Keys that a precondition
orders restrict the 0-1 inputs (a < b is taken as a <= b: a superset of the inputs, so sound).

Method: Knuth, The Art of Computer Programming, volume 3, section 5.3.4 (0-1 principle), carried
to conditional moves by following which region each move acts on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product

from sortopt.model import Action, Instr, Kernel, Order, Precondition, Proved, Unknown, Verdict
from sortopt.verify.question import AS_READ, Question

COLUMNS = "columns of 0-1 inputs"
"""The name of this proof."""

Column = int
Known = dict[int, Column]
"""What cells hold at one point, where that is a column."""

MOST_KEYS = 16
_REGIONS = (Order.LESS, Order.EQUAL, Order.GREATER)


@dataclass(frozen=True)
class Space:
    """The 0-1 inputs of n keys under a precondition: bit v of a column is its value on input v."""

    n: int
    domain: int
    keys: tuple[Column, ...]

    @property
    def sorted(self) -> tuple[Column, ...]:
        """The columns of the sorted keys, least first."""
        at_least = [self.domain] + [0] * self.n
        for key in self.keys:
            for count in range(self.n, 0, -1):
                at_least[count] |= at_least[count - 1] & key
        return tuple(at_least[self.n - rank] for rank in range(self.n))

    def near(self, inputs: int) -> int:
        """Return the inputs that lie above or below one of `inputs`, themselves included."""
        above = below = inputs
        for bit, key in enumerate(_cube(self.n)):
            above |= (above & ~key) << (1 << bit)
            below |= (below & key) >> (1 << bit)
        return above | below

    def agree(self, c: Column, d: Column, near: int) -> bool:
        """Return whether c = d on every input with a threshold in the set whose `near` is given."""
        return not (c ^ d) & near


@lru_cache(maxsize=4)
def _cube(n: int) -> tuple[Column, ...]:
    """Return the columns of n keys on all 0-1 inputs: bit i of v is key i."""
    columns = []
    for bit in range(n):
        width = 1 << bit
        column, size = ((1 << width) - 1) << width, 2 * width
        while size < 1 << n:
            column |= column << size
            size *= 2
        columns.append(column)
    return tuple(columns)


@lru_cache(maxsize=4)
def space(n: int, assume: Precondition) -> Space:
    """Return the 0-1 inputs of `n` keys that `assume` admits."""
    cube, domain = _cube(n), (1 << (1 << n)) - 1
    for comparison in assume.comparisons:
        left, right = cube[comparison.left], cube[comparison.right]
        if Order.GREATER not in comparison.relation:
            domain &= ~(left & ~right)
        if Order.LESS not in comparison.relation:
            domain &= ~(right & ~left)
    return Space(n, domain, tuple(column & domain for column in cube))


@dataclass
class Execution:
    """A kernel under execution on columns.

    `pieces[cell]` holds its columns where x < y, x = y, x > y (`compared` = x, y); None: unknown.
    """

    space: Space
    pieces: dict[int, tuple[Column | None, Column | None, Column | None]]
    compared: tuple[Column, Column] | None = None
    _near: dict[Order, int] = field(default_factory=dict)

    def column(self, cell: int) -> Column | None:
        """Return the column that `cell` holds, or None where that is not known."""
        pieces = self.pieces.get(cell, (None, None, None))
        if pieces[0] == pieces[1] == pieces[2]:
            return pieces[0]
        if self.compared is None:
            return None
        x, y = self.compared
        ends = (x, y, x & y, x | y)
        for column in (x & y, x | y, *pieces):
            if column is not None and self._is(pieces, column, ends):
                return column
        return None

    def _is(self, pieces: Sequence[Column | None], column: Column, ends: Sequence[Column]) -> bool:
        """Return whether `pieces` make up `column`; where x = y, minimum and maximum are both."""
        less, equal, greater = pieces
        if equal != column and not (equal in ends and column in ends):
            return False
        return all(
            near == 0 or (piece is not None and self.space.agree(piece, column, near))
            for piece, near in ((less, self.near(Order.LESS)), (greater, self.near(Order.GREATER)))
        )

    def near(self, region: Order) -> int:
        """Return the inputs near those where the compared columns compare as `region`."""
        if region not in self._near:
            assert self.compared is not None
            x, y = self.compared
            self._near[region] = self.space.near(y & ~x if region is Order.LESS else x & ~y)
        return self._near[region]

    def step(self, instruction: Instr) -> None:
        """Execute one instruction."""
        form, reads = instruction.form, instruction.reads
        target = instruction.writes
        if target is None:
            self._compare(reads)
        elif form.action is Action.COPY:
            self.pieces[target] = self.pieces.get(reads[0], (None, None, None))
        elif form.action is Action.SELECT:
            first, second = (self.pieces.get(cell, (None, None, None)) for cell in reads)
            assert form.condition is not None
            holds = form.condition.holds
            less, equal, greater = (
                None if self.compared is None else a if region in holds else b
                for region, a, b in zip(_REGIONS, first, second, strict=True)
            )
            self.pieces[target] = (less, equal, greater)
        else:
            a, b = (self.column(cell) for cell in reads)
            known = a is not None and b is not None
            column = None
            if known:
                assert a is not None
                assert b is not None
                column = a & b if form.action is Action.MINIMUM else a | b
            self.pieces[target] = (column, column, column)

    def _compare(self, cells: Sequence[int]) -> None:
        columns = {cell: self.column(cell) for cell in self.pieces}
        self.pieces = {cell: (c, c, c) for cell, c in columns.items()}
        x, y = (columns.get(cell) for cell in cells)
        self.compared = None if x is None or y is None else (x, y)
        self._near = {}


def execute(kernel: Kernel) -> tuple[Known, ...]:
    """Return what is known to be a column at each point of `kernel`, len(kernel) + 1 points."""
    contract = kernel.contract
    found = space(contract.n, contract.precondition)
    now = Execution(found, {c: (k, k, k) for c, k in zip(contract.inputs, found.keys, strict=True)})
    points = []
    for instruction in (*kernel.instructions, None):
        known = {cell: now.column(cell) for cell in now.pieces}
        points.append({cell: column for cell, column in known.items() if column is not None})
        if instruction is not None:
            now.step(instruction)
    return tuple(points)


def fulfils(kernel: Kernel, exit_columns: Known) -> bool:
    """Return whether cells that hold these columns on exit fulfil the contract of `kernel`.

    True is a proof for all inputs, ties included; False says nothing.
    """
    contract = kernel.contract
    wanted = space(contract.n, contract.precondition).sorted
    ranks = contract.goal.ranks(contract.n)
    return all(
        exit_columns.get(cell) == wanted[rank]
        for cell, rank in zip(contract.outputs, ranks, strict=True)
    )


def check(kernel: Kernel, question: Question = AS_READ) -> Verdict:
    """Return Proved, or Unknown: where the kernel is not made of comparators, or is wrong.

    Keys that the kernel misreads are Unknown too.  Raises InputError where no input satisfies the
    precondition.  Cost: a tenth of a second for 16 keys, the most that are tried.
    """
    kernel.contract.precondition.check(kernel.n)
    if question.key is not None:
        return Unknown(
            f"columns say nothing of {question.key.name} keys, which the kernel misreads"
        )
    if kernel.n > MOST_KEYS:
        return Unknown(f"{kernel.n} keys; columns are kept for at most {MOST_KEYS}")
    if fulfils(kernel, execute(kernel)[-1]):
        return Proved()
    return Unknown("comparators do not explain what the outputs hold")


def reachable_orders(found: Space, columns: Sequence[Column | None]) -> list[tuple[int, ...]]:
    """Return dense ranks (0 for None) of the cells `columns`, a superset of those that occur.

    Kept are the weak orders whose every threshold occurs as a 0-1 input, and every two of whose
    thresholds occur as one input below another.  Sound because an input that leads to the order
    has just those thresholds.
    """
    held = [t for t, column in enumerate(columns) if column is not None]
    seen = {
        bits: inputs
        for bits in product((0, 1), repeat=len(held))
        if (inputs := _where(found, [columns[t] for t in held], bits))
    }
    near = {bits: found.near(inputs) for bits, inputs in seen.items()}
    orders: list[tuple[int, ...]] = []

    def lower(chain: list[tuple[int, ...]], ranks: tuple[int, ...]) -> None:
        """Add the thresholds below the last of `chain`; ranks count from the greatest."""
        if all(chain[-1]):
            top = max(ranks)
            full = [0] * len(columns)
            for t, rank in zip(held, ranks, strict=True):
                full[t] = top + 1 - rank
            orders.append(tuple(full))
            return
        for bits in seen:
            above = all(a <= b for a, b in zip(chain[-1], bits, strict=True))
            if bits != chain[-1] and above and all(near[c] & seen[bits] for c in chain if any(c)):
                level = max(ranks) + 1
                lower(
                    [*chain, bits],
                    tuple(r or (level if b else 0) for r, b in zip(ranks, bits, strict=True)),
                )

    zero = (0,) * len(held)
    if not held:
        return [(0,) * len(columns)]
    lower([zero], zero)
    return orders


def _where(found: Space, columns: Sequence[Column | None], bits: Sequence[int]) -> int:
    """Return the inputs on which the columns have the values `bits`."""
    inputs = found.domain
    for column, bit in zip(columns, bits, strict=True):
        assert column is not None
        inputs &= column if bit else ~column
    return inputs


def comparators(kernel: Kernel) -> tuple[tuple[Column, Column], ...] | None:
    """Return the comparators of a kernel that is a sorting network, as columns they compare.

    A comparator takes two live columns and leaves their minimum and maximum.  Comparisons of
    columns whose order is always the same are left out.  None where the kernel is no network.
    """
    contract = kernel.contract
    found = space(contract.n, contract.precondition)
    live, pairs = sorted(found.keys), []
    for point, instruction in zip(execute(kernel), kernel.instructions, strict=False):
        if not instruction.form.writes_flags:
            continue
        x, y = (point.get(cell) for cell in instruction.reads)
        if x is None or y is None or x == y or x not in live or y not in live:
            continue
        if x & ~y and y & ~x:
            live.remove(x)
            live.remove(y)
            live += [x & y, x | y]
            pairs.append((x, y))
    return tuple(pairs) if sorted(live) == sorted(found.sorted) else None
