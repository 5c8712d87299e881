"""Certificates of lower bounds, and the checker that trusts neither the search nor its tables.

A certificate claims that no kernel of a problem has at most `limit` instructions.  It lists states
with their depths, and a table of costs of triples of assignments.  The checker rebuilds the
problem from the plain interpreter (`certificate_model`) and verifies that

1. every symmetry used commutes with the instructions and carries goals to goals;
2. the table is 0 at goals and never exceeds one plus its value after an instruction, so that
   (by induction) each entry is at most the true cost of its three assignments;
3. the start, up to symmetry, is listed at depth 0, and no listed state is a goal;
4. every child of a listed state is dead, unchanged, over the limit by the table, refuted at once
   (all its own children are dead, unchanged or over the limit, and it is no goal), or equal up to
   symmetry to a state listed at most one deeper.

Then no goal is within `limit` instructions of the start: follow a kernel from the start; the state
after each instruction is listed no deeper than its depth (or equal to one that is), until it is
refuted; so none of them is a goal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sortopt.base import InputError
from sortopt.certificate import _checker_kernels as kernels
from sortopt.certificate.model import DEAD, Assignment, Plain
from sortopt.model import Order
from sortopt.search.bounds import relaxed
from sortopt.search.space import (
    Problem,
    Symmetry,
    SymmetryTables,
    Universe,
    build,
    symmetry_of,
)

Numbers = npt.NDArray[np.uint16]


class Listed(NamedTuple):
    """The listed states, as the compiled loops take them."""

    pool: Numbers
    offset: npt.NDArray[np.int64]
    depth: npt.NDArray[np.uint8]
    table: npt.NDArray[np.int32]


class Tables(NamedTuple):
    """The checker's tables, as the compiled loops take them."""

    step: Numbers
    goal: npt.NDArray[np.uint8]
    relaxed: Numbers
    relaxed_step: Numbers
    relaxed_goal: npt.NDArray[np.uint8]
    action: Numbers
    full_action: Numbers
    orbit: npt.NDArray[np.int32]
    to_rep: npt.NDArray[np.int32]
    reps: Numbers
    cost: npt.NDArray[np.uint8]
    suggestion: SymmetryTables
    width: int


@dataclass(frozen=True, eq=False)
class Certificate:
    """What a certificate file holds.

    `cost[o, b, c]` is the claimed cost of the relaxed assignments reps[o], b and c, in which
    undefined cells do not occur where `filled`; row i of the
    states has size[i] entries of `pool`, in sequence, and was reached at depth[i].
    """

    problem: Problem
    limit: int
    filled: bool
    cost: npt.NDArray[np.uint8]
    reps: Numbers
    pool: Numbers
    size: Numbers
    depth: npt.NDArray[np.uint8]

    @property
    def claim(self) -> str:
        """What the certificate claims, in words."""
        return f"no kernel of {self.limit} or fewer instructions exists ({self.problem.describe()})"


@dataclass(frozen=True, slots=True)
class Check:
    """The outcome of a check: `fault` is None where every condition holds."""

    certificate: Certificate
    fault: str | None
    entries: int
    states: int


def check(
    certificate: Certificate,
    *,
    threads: int = 1,
    progress: Callable[[str], None] | None = None,
    watch: Callable[[], None] | None = None,
) -> Check:
    """Verify every condition; `watch` is called between steps and may raise to end the check."""
    report = progress or (lambda _: None)
    looked = watch or (lambda: None)
    fault = None
    with ThreadPoolExecutor(threads) as pool:
        for fault in _faults(certificate, pool, report, looked):
            if fault is not None:
                break
    return Check(certificate, fault, certificate.cost.size, len(certificate.size))


def _faults(
    certificate: Certificate,
    pool: ThreadPoolExecutor,
    report: Callable[[str], None],
    watch: Callable[[], None],
) -> Iterator[str | None]:
    """Yield a fault, or None, for each condition in turn."""
    report("rebuilding the model from the interpreter")
    checker = Checker.of(certificate)
    yield checker.shape_fault()
    watch()
    report(f"checking {checker.elements} symmetries")
    yield checker.symmetry_fault()
    watch()
    tables = checker.tables()
    yield checker.projection_fault(tables)
    report(f"checking {certificate.cost.size:,} table entries")
    yield _table_fault(tables, pool)
    watch()
    yield checker.start_fault(tables)
    states = _index(certificate)
    yield "a state is listed twice" if states is None else None
    assert states is not None
    bounds = np.linspace(0, len(certificate.size), 65).astype(np.int64)
    done = 0
    gaps = pool.map(
        lambda part: kernels.first_gap(*part, certificate.limit, tables, states),  # type: ignore[call-arg]
        pairwise(bounds),
    )
    for (_, hi), gap in zip(pairwise(bounds), gaps, strict=True):
        done = int(hi)
        report(f"checking states: {done:,} of {len(certificate.size):,}")
        watch()
        if gap >= 0:
            yield f"state {gap} is a goal, too deep, or has a child that is not accounted for"
    yield None


def _table_fault(tables: Tables, pool: ThreadPoolExecutor) -> str | None:
    for o, entry in enumerate(
        pool.map(lambda o: kernels.bad_entry(o, tables), range(len(tables.reps)))
    ):
        if entry >= 0:
            b, c = divmod(entry, tables.cost.shape[1])
            return f"table entry ({o}, {b}, {c}) is {tables.cost[o, b, c]}, which is too great"
    return None


def _index(certificate: Certificate) -> Listed | None:
    """Enter the listed states into a hash table; None where one is listed twice."""
    count = len(certificate.size)
    offset = np.concatenate([[0], np.cumsum(certificate.size, dtype=np.int64)])
    table = np.full(1 << max(4, (2 * count).bit_length()), -1, np.int32)
    if not kernels.index_rows(certificate.pool, offset, table):
        return None
    return Listed(certificate.pool, offset, certificate.depth, table)


@dataclass(frozen=True, eq=False)
class Checker:
    """A certificate's problem and its relaxation, rebuilt."""

    """The rebuilt model of a certificate's problem and of its relaxation."""

    certificate: Certificate
    plain: Plain
    easy: Plain
    full: Symmetry
    easy_symmetry: Symmetry

    @staticmethod
    def of(certificate: Certificate) -> Checker:
        """Rebuild the model of the certificate's problem."""
        problem = certificate.problem
        easy = relaxed(problem)
        return Checker(
            certificate,
            Plain(problem),
            Plain(easy, defined_flags=True, defined_cells=certificate.filled),
            symmetry_of(build(problem)),
            symmetry_of(build(easy)),
        )

    @property
    def elements(self) -> int:
        """The number of symmetries to check."""
        return self.full.order + self.easy_symmetry.order

    def shape_fault(self) -> str | None:
        """Return what is wrong with the arrays' shapes and ranges, or None."""
        c, size = self.certificate, len(self.easy.assignments)
        if c.cost.shape != (len(c.reps), size, size):
            return f"the table has shape {c.cost.shape}, not ({len(c.reps)}, {size}, {size})"
        if len(c.size) != len(c.depth) or int(c.size.sum()) != len(c.pool) or not len(c.size):
            return "the states' arrays do not fit together"
        if int(c.pool.max()) >= len(self.plain.assignments) or int(c.reps.max()) >= size:
            return "an assignment is numbered that does not exist"
        if int(c.size.max()) > len(self.plain.start) or not int(c.size.min()):
            return "a state has more assignments than the start, or none"
        ends = np.cumsum(c.size.astype(np.int64))[:-1]
        rising = np.diff(c.pool.astype(np.int64)) > 0
        rising[ends - 1] = True
        return None if rising.all() else "a state's assignments do not ascend"

    def symmetry_fault(self) -> str | None:
        """Return which element is no symmetry, or None."""
        for plain, symmetry in ((self.plain, self.full), (self.easy, self.easy_symmetry)):
            actions = _actions(plain, symmetry)
            exchange = np.arange(len(plain.assignments), dtype=np.uint16)
            if (False, True) in symmetry.variants:
                exchange = np.array(plain.action(symmetry.renamings[0], False, True), np.uint16)
            for element, image in enumerate(actions):
                variant, p = divmod(element, len(symmetry.renamings))
                renaming, (reverse, _) = symmetry.renamings[p], symmetry.variants[variant]
                if not plain.is_symmetry(image, exchange):
                    return f"element {element} is no symmetry of the instructions"
                if not plain.keeps_goal(image, renaming, reverse):
                    return f"element {element} is no symmetry of the goal"
        return None

    def tables(self) -> Tables:
        """Return the tables of the compiled loops; the reps must be one an orbit."""
        action = _actions(self.easy, self.easy_symmetry)
        orbit = np.full(action.shape[1], -1, np.int32)
        to_rep = np.zeros(action.shape[1], np.int32)
        for o, rep in enumerate(self.certificate.reps):
            for element in range(len(action)):
                reached = action[element] == rep
                orbit[reached], to_rep[reached] = o, element
        if (orbit < 0).any():
            raise InputError("the certificate's table leaves out an orbit of assignments")
        return Tables(
            self.plain.step,
            self.plain.goal,
            self._projection(),
            self.easy.step,
            self.easy.goal,
            action,
            _actions(self.plain, self.full),
            orbit,
            to_rep,
            self.certificate.reps,
            self.certificate.cost,
            suggestion(self.plain, self.full),
            len(self.plain.start),
        )

    def _projection(self) -> Numbers:
        """Return a relaxed filling of each assignment, UNBOUNDED where it has ties."""
        bounded = self.easy.problem.tie_patterns
        return np.array(
            [
                self._filling(assignment) if assignment[0] in bounded else kernels.UNBOUNDED
                for assignment in self.plain.assignments
            ],
            np.uint16,
        )

    def _filling(self, assignment: Assignment) -> int:
        """Return the first filling: with "equal" for undefined flags, where there are flags."""
        pattern, contents, flag = assignment
        defined = {a[2] for a in self.easy.assignments}
        return self.easy.fillings((pattern, contents, flag if flag in defined else Order.EQUAL))[-1]

    def projection_fault(self, tables: Tables) -> str | None:
        """Return None where the relaxed problem simulates the problem.

        Every filling of an assignment must go, along each legal instruction, to a filling of what
        the assignment goes to; goals must be kept.  Then whatever finishes a state finishes any
        fillings of its assignments, so their cost bounds the state's.
        """
        bounded = self.easy.problem.tie_patterns
        pairs = np.array(
            [
                (a, filled)
                for a, assignment in enumerate(self.plain.assignments)
                if assignment[0] in bounded
                for filled in self.easy.fillings(assignment)
            ],
            np.int64,
        )
        of, numbers = pairs[:, 0], pairs[:, 1]
        for q in range(tables.step.shape[1]):
            after, filled = tables.step[of, q], tables.relaxed_step[numbers, q]
            legal = after != DEAD
            if (filled[legal] == DEAD).any() or not self.easy.fills(
                filled[legal].astype(np.int64), self.plain, after[legal].astype(np.int64)
            ):
                return "the relaxed problem does not simulate the problem"
        if (tables.goal[of] & ~tables.relaxed_goal[numbers]).any():
            return "the relaxed problem has fewer goals than the problem"
        return None

    def start_fault(self, tables: Tables) -> str | None:
        """Return None where some image of the start is listed at depth 0."""
        c = self.certificate
        ends = np.cumsum(c.size.astype(np.int64))
        roots = {
            c.pool[ends[i] - c.size[i] : ends[i]].tobytes() for i in np.flatnonzero(c.depth == 0)
        }
        images = (np.sort(row[self.plain.start]) for row in tables.full_action)
        if any(image.tobytes() in roots for image in images):
            return None
        return "the start is not listed at depth 0"


def _actions(plain: Plain, symmetry: Symmetry) -> Numbers:
    """Return the image of every assignment under every element, composed of its two parts."""
    cells = tuple(range(plain.problem.cells))
    renamed = [plain.action(renaming, False, False) for renaming in symmetry.renamings]
    turned = [plain.action(cells, reverse, exchange) for reverse, exchange in symmetry.variants]
    moves = np.array(renamed, np.uint16)
    return np.concatenate([moves[:, np.array(image)] for image in turned])


def numbering(plain: Plain, universe: Universe) -> npt.NDArray[np.int64]:
    """Return the number in `universe` of each assignment of `plain`."""
    places = {pattern: i for i, pattern in enumerate(universe.tie_patterns)}
    contents = np.array([contents for _, contents, _ in plain.assignments], np.uint8)
    flags = np.array([0 if f is None else f.number for *_, f in plain.assignments], np.uint8)
    patterns = np.array([places[pattern] for pattern, *_ in plain.assignments], np.uint8)
    return universe.index[universe.codes(contents, flags, patterns)].astype(np.int64)


def inverse(numbers: npt.NDArray[np.int64]) -> Numbers:
    """Return the numbering that undoes `numbers`."""
    back = np.empty(int(numbers.max()) + 1, np.uint16)
    back[numbers] = np.arange(len(numbers), dtype=np.uint16)
    return back


def suggestion(plain: Plain, symmetry: Symmetry) -> SymmetryTables:
    """Return the search's symmetry tables in the checker's numbering.

    They only suggest which symmetry maps a state to a listed one; what it maps to is then looked
    up in the checker's own table of actions, so a wrong suggestion can only fail the check.
    """
    numbers = numbering(plain, build(plain.problem))
    tables = symmetry.tables
    return SymmetryTables(
        inverse(numbers)[tables.image[:, numbers]], tables.signature[numbers], tables.blocks
    )
