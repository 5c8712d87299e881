"""The search over comparators of minima and maxima: steps are right, kernels are short."""

from functools import partial
from itertools import product

import pytest
from coded import facts_of, packed, played

from sortopt.model.goal import parse_goal
from sortopt.model.isa import Signedness
from sortopt.model.verdict import Proved
from sortopt.networks import OF_THREE_OPERANDS, VARIANTS, Fact, best
from sortopt.search.beams import anytime
from sortopt.search.beams.anytime import sorts_in_place
from sortopt.search.beams.assignments import to_kernel, two_valued
from sortopt.search.beams.comparators import ComparatorBeam, instructions_of
from sortopt.search.space.problem import Problem
from sortopt.targets import X86_MINMAX
from sortopt.tasks.find import find
from sortopt.tasks.ways import has_anytime
from sortopt.verify import orders_check


@pytest.mark.jit_off
@pytest.mark.parametrize("variant", dict.fromkeys([*VARIANTS, *OF_THREE_OPERANDS]))
def test_a_comparator_does_what_its_form_says(variant):
    program, tried = instructions_of(variant, 0, 1, 2, extrema=True), 0
    for keys in product(range(1, 4), repeat=3):
        row = packed(keys)
        if variant.needs & ~int(facts_of([row], 3, 2, extrema=True)[0, 1]):
            continue
        tried += 1
        got = dict(zip("xyz", played(row, program), strict=True))
        assert got[variant.form.lesser] == min(keys[:2])
        assert got[variant.form.greater] == max(keys[:2])
    assert tried >= 9


@pytest.mark.jit_off
def test_a_stale_cell_serves_only_where_its_minimum_or_maximum_is_the_same_in_all_rows():
    facts = facts_of(two_valued(3), 4, 3, extrema=True)
    assert all(facts[x, y] == 0 for x in range(3) for y in range(3) if x != y)
    facts = facts_of([packed((1, 2, 2, 1)), packed((1, 1, 2, 1))], 4, 3, extrema=True)
    assert facts[1, 0] & Fact.NEVER_LESS
    assert not facts[0, 1] & Fact.NEVER_LESS
    assert facts[0, 1] & Fact.LESSER
    assert not facts[0, 1] & Fact.GREATER


@pytest.mark.parametrize(
    ("n", "width", "known"), [(2, 20, 3), (3, 50, 8), (4, 200, 15), (5, 300, 23), (6, 300, 33)]
)
def test_kernels_are_as_short_as_is_known_of_comparators(n, width, known):
    found = []
    beam = ComparatorBeam(n, width, extrema=True)
    assert len(beam.run(3 * best(n).size, found=found.append)) <= known
    for program in found:
        kernel = to_kernel(n, program, X86_MINMAX)
        assert kernel.contract.in_place
        assert sorts_in_place(kernel)
        assert orders_check.check(kernel) == Proved()


def test_a_beam_that_dropped_nothing_finds_the_shortest_of_three_and_four_keys():
    for n, least in ((3, 8), (4, 15)):
        beam = ComparatorBeam(n, 10_000, extrema=True)
        assert len(beam.run(30)) == least
        assert not beam.dropped


@pytest.mark.parametrize("sign", list(Signedness))
def test_seven_keys_come_below_the_best_network(sign, monkeypatch):
    one_round = partial(anytime.improve, rounds=1, isa=X86_MINMAX, signedness=sign)
    monkeypatch.setattr(anytime, "improve", lambda n, *_, **__: one_round(n, beam=64))
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
