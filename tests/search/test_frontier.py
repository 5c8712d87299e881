"""Levels hold exactly the orbits of a plain search; rows, not hashes, tell states apart."""

import engines
import naive
import numpy as np
import pytest
from engines import (
    SILENT_OVERFLOW,
    SMALL,
    complete,
    contents_of,
    each_round,
    engine,
    question,
    rows_at,
)

from sortopt.base import UNLIMITED, Budget
from sortopt.search.exhaustive import _expand_kernels as kernels
from sortopt.search.exhaustive import frontier, parts
from sortopt.search.exhaustive.frontier import PARTS, Buffer, Search
from sortopt.search.exhaustive.parts import Part
from sortopt.search.space import DEAD
from sortopt.search.space.problem import Problem

pytestmark = pytest.mark.filterwarnings(SILENT_OVERFLOW)


def orbits(problem, depth, **options):
    return naive.new_orbits(
        problem.n,
        problem.orders,
        depth=depth,
        scratch=problem.scratch,
        conditions=problem.conditions,
        ranks=problem.goal.ranks(problem.n),
        outputs="in-place" if problem.in_place else "anywhere",
        isa=problem.isa.name,
        **options,
    )


@pytest.mark.jit_off
@pytest.mark.parametrize(
    ("name", "depth"),
    [("in place", 12), ("anywhere", 12), ("one condition", 12), ("not closed under exchange", 8),
     ("six conditions", 6), ("distinct keys", 12), ("no scratch cell", 12),
     ("two scratch cells", 4), ("min and max", 9)],
)  # fmt: skip
def test_new_states_are_the_orbits_of_a_plain_search(name, depth):
    """Without bounds, level by level, until nothing is new (n = 2, in place, after 10)."""
    search = complete(engines.unbounded(SMALL[name]), depth)
    assert search.counts == orbits(SMALL[name], depth)


@pytest.mark.parametrize(
    ("name", "depth"), [("three keys", 4), ("three keys anywhere", 4), ("the least", 3)]
)
def test_new_states_of_three_keys_are_the_orbits_of_a_plain_search(name, depth):
    search = complete(engines.unbounded(SMALL[name]), depth)
    assert search.counts == orbits(SMALL[name], depth, by_representatives=True)


@pytest.mark.parametrize("name", ["three keys", "six conditions", "not closed under exchange"])
def test_instructions_are_tried_that_leave_the_state_alive_and_change_it_and_no_others(name):
    built = engine(SMALL[name])
    step, numbers = built.universe.step, np.random.default_rng(4)
    listed = np.empty(step.shape[1], np.int64)
    tried = 0
    for _ in range(50):
        row = np.unique(numbers.integers(built.universe.size, size=3)).astype(np.uint16)
        after = step[row]
        wanted = np.flatnonzero((after != DEAD).all(axis=0) & (after != row[:, None]).any(axis=0))
        found = kernels.useful(row, built.model, listed)
        assert listed[:found].tolist() == wanted.tolist()
        tried += found
    assert 0 < tried < 50 * len(listed)


@pytest.mark.parametrize("assume", ["b<c", "a<=b", "a<b and a<c"])
def test_a_precondition_breaks_no_symmetry_but_that_of_the_start(assume):
    problem = question(3, assume=assume)
    search = complete(engines.unbounded(problem), 4)
    assert search.counts == orbits(problem, 4)


def test_figures_of_the_design_for_four_keys():
    """2, 5, 13, 89, 584, 3,738 new orbits; the design has 4 at level 2, where it reads undefined
    flags as "equal".  A limit of 19 drops none of them."""
    problem = Problem(4, distinct=True, in_place=False)
    assert complete(engine(problem), 19, depth=6).counts[1:] == [2, 5, 13, 89, 584, 3738]
    assert orbits(problem, 2, by_representatives=True) == [1, 2, 5]


@pytest.mark.parametrize("name", ["in place", "three keys", "min and max"])
def test_a_limit_only_drops_states(name):
    loose = complete(engines.unbounded(SMALL[name]), 4)
    tight = complete(engine(SMALL[name]), 9, depth=4)
    assert all(rows_at(tight, d) <= rows_at(loose, d) for d in range(5))


@pytest.mark.jit_off
@pytest.mark.parametrize("name", ["in place", "anywhere", "min and max"])
def test_one_and_two_threads_keep_the_same_states_in_the_same_sequence(name):
    one, two = (complete(engine(SMALL[name]), 7, threads=t) for t in (1, 2))
    assert contents_of(one) == contents_of(two)


def test_one_and_two_threads_keep_the_same_states_of_four_keys():
    built = engine(Problem(4, distinct=True, in_place=False))
    one, two = (complete(built, 19, depth=6, threads=t) for t in (1, 2))
    assert contents_of(one) == contents_of(two)


@pytest.mark.parametrize("rows", [70, 200, 1000])
def test_full_buffers_lose_no_state(monkeypatch, rows):
    problem = question(3, "l,g,le,ge")
    expected = complete(engines.unbounded(problem), 5)
    monkeypatch.setattr(frontier, "_LANE_ROWS", rows)
    monkeypatch.setattr(parts, "CHUNK", 40)
    found = complete(engines.unbounded(problem), 5)
    assert found.counts == expected.counts
    assert all(rows_at(found, d) == rows_at(expected, d) for d in range(6))


def buffer_of(rows, hashes):
    width = max(map(len, rows))
    table = np.zeros((len(rows), width), np.uint16)
    for i, row in enumerate(rows):
        table[i, : len(row)] = row
    sizes = np.array([len(row) for row in rows], np.uint16)
    return Buffer(
        table, sizes, np.array(hashes, np.uint64), np.arange(len(rows)), np.array([len(rows)])
    )


def part_with(rows, hashes):
    part, buffer = Part.empty(), buffer_of(rows, hashes)
    part.levels.append(0)
    part.reserve(len(rows), sum(map(len, rows)))
    part.count = kernels.insert(part.states, 0, 1, 0, buffer, 0)
    return part


@pytest.mark.jit_off
def test_rows_with_equal_hashes_are_kept_apart():
    """Deduplication compares whole rows: a hash is no proof."""
    rows = [(1, 2, 3), (1, 2, 4), (1, 2), (1,), (9, 10, 11), (1, 2, 3), (1, 2)]
    part = part_with(rows, [77] * len(rows))
    assert [tuple(part.row(s)) for s in range(part.count)] == rows[:5]
    slot = np.zeros(1, np.int64)
    for number, row in enumerate(rows[:5]):
        padded = np.array([*row, 5, 5, 5], np.uint16)
        found = kernels.find(part.states, padded, len(row), np.uint64(77), slot)
        assert found == number
    for row in ((1, 2, 5), (2, 2, 3), (1, 2, 3, 4)):
        assert kernels.find(part.states, np.array(row), len(row), np.uint64(77), slot) == -1
    assert kernels.find(part.states, np.array((1, 2, 3)), 3, np.uint64(78), slot) == -1


@pytest.mark.jit_off
def test_rows_whose_places_collide_at_the_end_of_the_table_are_found():
    hashes = [(512 * 3 - 1 << 8) + k for k in range(4)]
    part = part_with([(k,) for k in range(4)], hashes)
    slot = np.zeros(1, np.int64)
    for number, h in enumerate(hashes):
        assert kernels.find(part.states, np.array([number]), 1, np.uint64(h), slot) == number


def test_a_part_grows_as_needed_and_forgets_nothing():
    rows = [(k, k + 1, k + 2) for k in range(5000)]
    hashes = np.random.default_rng(1).integers(0, 2**63, len(rows)).tolist()
    part, slot = Part.empty(), np.zeros(1, np.int64)
    part.levels.append(0)
    for begin in range(0, len(rows), 700):
        some = rows[begin : begin + 700]
        part.reserve(len(some), 3 * len(some))
        buffer = buffer_of(some, hashes[begin : begin + 700])
        part.count = kernels.insert(part.states, part.count, 1, 0, buffer, 0)
    assert part.count == len(rows)
    assert part.nbytes > 3 * 2 * len(rows)
    for number in range(0, len(rows), 97):
        row = np.array(rows[number], np.uint16)
        h = np.uint64(hashes[number])
        assert kernels.find(part.states, row, 3, h, slot) == number


@pytest.mark.jit_off
def test_keep_best_keeps_the_smallest_states_in_their_sequence():
    search = complete(engines.unbounded(question(2, "l,g,le,ge")), 6, depth=4)
    before = [[len(p.row(s)) for s in search.level(p, 4)] for p in search.parts]
    earlier = [rows_at(search, d) for d in range(4)]
    sizes = sorted(size for part in before for size in part)
    assert search.keep_best(10)
    after = [[len(p.row(s)) for s in search.level(p, 4)] for p in search.parts]
    assert sorted(size for part in after for size in part) == sizes[:10]
    assert search.counts[4] == 10
    assert [rows_at(search, d) for d in range(4)] == earlier
    slot = np.zeros(1, np.int64)
    for part in search.parts:
        for s in range(part.count):
            row, h = part.row(s), part.states.hash[s]
            assert kernels.find(part.states, row, len(row), h, slot) == s
    assert not search.keep_best(10)


@pytest.mark.parametrize("threads", [1, 2])
def test_keep_best_is_deterministic(threads):
    built = engine(question(3, "l,g,le,ge"))
    first, second = (
        Search(built.universe, built.model, built.database, 11, Budget(threads=t))
        for t in (1, threads)
    )
    assert first.run(30) == second.run(30)
    assert contents_of(first) == contents_of(second)
    assert not first.complete
    assert max(first.counts) <= 30


@pytest.mark.jit_off
def test_an_interrupted_level_is_forgotten_and_can_be_done_again():
    built = engine(question(2, "l,g"))
    expected = complete(built, 4)

    def stop(told):
        if told.level == 3:
            raise KeyboardInterrupt

    search = Search(built.universe, built.model, built.database, 4, each_round(stop))
    while search.depth < 2:
        search.advance()
    with pytest.raises(KeyboardInterrupt):
        search.advance()
    assert search.depth == 2
    assert search.counts == expected.counts[:3]
    search.budget = UNLIMITED
    search.advance()
    search.advance()
    assert contents_of(search) == contents_of(expected)


@pytest.mark.jit_off
def test_progress_tells_limit_depth_states_and_bytes():
    told = []
    built = engine(question(2, "l,g"))
    search = Search(built.universe, built.model, built.database, 4, each_round(told.append))
    search.run()
    assert [p.level for p in told] == [1, 2, 3, 4]
    assert [p.level_states for p in told] == search.counts[1:]
    assert told[-1].states == search.states
    assert told[-1].nbytes == search.nbytes > 0
    assert {p.limit for p in told} == {4}


@pytest.mark.jit_off
def test_a_chain_leads_back_to_the_start_one_level_at_a_time():
    search = complete(engine(question(2, "l,g")), 4)
    goal = search.goal()
    chain = [tuple(row.tolist()) for row in search.chain(*goal)]
    assert len(chain) == 5
    assert all(row in rows_at(search, 4 - k) for k, row in enumerate(chain))
    assert not search.has_earlier_goal()
    assert len(search.parts) == PARTS
