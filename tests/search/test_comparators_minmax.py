"""The search over comparators of minima and maxima: steps are right, kernels are short."""

from functools import partial
from itertools import product

import numpy as np
import pytest

from sortopt.model.goal import parse_goal
from sortopt.model.isa import Signedness
from sortopt.model.verdict import Proved
from sortopt.networks import best
from sortopt.search.beams import _comparator_kernels as kernels
from sortopt.search.beams import anytime
from sortopt.search.beams._instruction_kernels import MOV
from sortopt.search.beams.assignments import MIN, to_kernel, two_valued
from sortopt.search.beams.comparators import ComparatorBeam, step_length, step_moves
from sortopt.search.beams.fast_check import sorts_in_place
from sortopt.search.space.problem import Problem
from sortopt.targets import X86_MINMAX
from sortopt.tasks.find import find, has_anytime
from sortopt.verify import orders_check


def packed(keys):
    return np.uint64(sum(key << 4 * c for c, key in enumerate(keys)))


def unpacked(row, cells):
    return [int(row) >> (4 * c) & 15 for c in range(cells)]


def played(keys, moves):
    """Return the cells after the moves."""
    cells = list(keys)
    for kind, a, b, _ in moves:
        cells[a] = cells[b] if kind == MOV else (min if kind == MIN else max)(cells[a], cells[b])
    return cells


@pytest.mark.jit_off
@pytest.mark.parametrize("form", range(kernels.FORMS))
def test_moves_of_a_step_do_what_the_search_believes(form):
    moves = step_moves(form, 0, 1, 2, minmax=True)
    assert step_length(form, minmax=True) == len(moves)
    facts, tried = np.empty((3, 3), np.int64), 0
    for keys in product(range(1, 4), repeat=3):
        kernels.known_relations(np.array([packed(keys)]), 3, 2, 1, facts)
        if not kernels.allowed(form, facts[0, 1]):
            continue
        tried += 1
        wanted = unpacked(kernels.after(packed(keys), form, 0, 1, 2), 3)
        stale = kernels.stale_after(form, 0, 1, 2)
        got = played(keys, moves)
        assert all(got[c] == wanted[c] for c in range(3) if c != stale)
        assert sorted(got[c] for c in range(3) if c != stale) == sorted(keys[:2])
        if form < 12:
            assert got == wanted
    assert tried >= 9


@pytest.mark.jit_off
def test_a_stale_cell_serves_only_where_its_minimum_or_maximum_is_the_same_in_all_rows():
    facts = np.empty((4, 4), np.int64)
    kernels.known_relations(two_valued(3), 4, 3, 1, facts)
    assert all(facts[x, y] == 0 for x in range(3) for y in range(3) if x != y)
    kernels.known_relations(np.array([packed((1, 2, 2, 1)), packed((1, 1, 2, 1))]), 4, 3, 1, facts)
    assert facts[1, 0] & 1
    assert not facts[0, 1] & 1
    assert facts[0, 1] & 8
    assert not facts[0, 1] & 16


@pytest.mark.parametrize(
    ("n", "width", "known"), [(2, 20, 3), (3, 50, 8), (4, 200, 15), (5, 300, 23), (6, 300, 33)]
)
def test_kernels_are_as_short_as_is_known_of_comparators(n, width, known):
    found = []
    done = ComparatorBeam(n, width, minmax=True).run(3 * best(n).size, found=found.append)
    assert len(done.best) <= known
    for moves in found:
        kernel = to_kernel(n, moves, X86_MINMAX)
        assert kernel.contract.in_place
        assert sorts_in_place(kernel)
        assert orders_check.check(kernel) == Proved()


def test_a_beam_that_dropped_nothing_finds_the_shortest_of_three_and_four_keys():
    for n, least in ((3, 8), (4, 15)):
        done = ComparatorBeam(n, 10_000, minmax=True).run(30)
        assert (done.complete, done.dropped, len(done.best)) == (True, False, least)


@pytest.mark.parametrize("sign", list(Signedness))
def test_seven_keys_come_below_the_best_network(sign, monkeypatch):
    one_round = partial(anytime.improve, rounds=1, isa=X86_MINMAX)
    monkeypatch.setattr(anytime, "improve", lambda n, **_: one_round(n, beam=64))
    answer = find(Problem(7, X86_MINMAX, signedness=sign))
    assert answer.verified
    assert answer.anytime
    assert answer.kernel.signedness is sign
    assert answer.length < 3 * best(7).size
    assert answer.kernel.contract.inputs == answer.kernel.contract.outputs


def test_eight_keys_come_below_the_best_network():
    found = anytime.improve(8, isa=X86_MINMAX, rounds=1, beam=64)
    assert len(found.kernel) < 3 * best(8).size
    assert orders_check.check(found.kernel) == Proved()


def test_the_anytime_search_of_minima_is_for_plain_sorting_of_many_keys():
    assert has_anytime(Problem(8, X86_MINMAX, two_values=True))
    assert not has_anytime(Problem(6, X86_MINMAX, two_values=True))
    assert not has_anytime(Problem(8, X86_MINMAX, two_values=True, scratch=2))
    assert not has_anytime(Problem(7, X86_MINMAX, two_values=True, goal=parse_goal("median")))
