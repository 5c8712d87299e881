"""The search over comparators: steps are right, accounting is exact, figures are reached."""

from itertools import pairwise, permutations, product

import naive
import pytest
from coded import facts_of, packed, played, unpacked
from toys import SELECTS

from sortopt.base import Budget, LimitReached
from sortopt.model.isa import Order
from sortopt.networks import OF_THREE_OPERANDS, VARIANTS, Fact
from sortopt.search.beams import _comparator_kernels as kernels
from sortopt.search.beams.anytime import by_comparators
from sortopt.search.beams.assignments import distinct_orders, to_kernel
from sortopt.search.beams.comparators import ComparatorBeam, instructions_of, steps_over
from sortopt.targets import X86_CMOV

pytestmark = pytest.mark.filterwarnings("error")


def test_compiled_code_repeats_the_facts():
    assert {fact.name: int(fact) for fact in Fact} == {
        fact.name: getattr(kernels, fact.name) for fact in Fact
    }
    assert sum(Fact) == kernels.ALL


@pytest.mark.parametrize("variant", dict.fromkeys([*VARIANTS, *OF_THREE_OPERANDS]))
@pytest.mark.parametrize("extrema", [False, True])
def test_a_comparator_is_as_long_as_its_instructions(variant, extrema):
    program = instructions_of(variant, 0, 1, 2, extrema=extrema)
    assert len(program) == len(variant) - extrema


@pytest.mark.parametrize("variant", dict.fromkeys([*VARIANTS, *OF_THREE_OPERANDS]))
def test_a_comparator_does_what_its_form_says_also_on_ties(variant):
    tried = 0
    for keys in product(range(1, 4), repeat=3):
        row = packed(keys)
        if variant.needs & ~int(facts_of([row], 3, 2)[0, 1]):
            continue
        if len(variant.picks) == 1 and keys[2] not in keys[:2]:
            continue  # of ties in x and y nothing is known, where they arise together
        tried += 1
        got = dict(zip("xyz", played(row, instructions_of(variant, 0, 1, 2, extrema=False)),
                       strict=True))  # fmt: skip
        assert got[variant.form.lesser] == min(keys[:2])
        assert got[variant.form.greater] == max(keys[:2])
    assert tried >= 5


def test_a_copy_is_saved_only_where_the_stale_cell_serves():
    for keys in permutations((1, 2, 3)):
        known = int(facts_of([packed(keys)], 3, 2)[0, 1])
        needed = Order.LESS if keys[0] > keys[1] else Order.GREATER
        right = [v for v in VARIANTS if v.needs and not v.needs & ~known]
        assert right == [
            v for v in VARIANTS if not v.copies and len(v.picks) == 2 and v.form.needs == needed
        ]


@pytest.mark.parametrize(("n", "length"), [(3, 9), (4, 15)])
def test_comparators_of_three_operands_take_no_copies(n, length):
    program = ComparatorBeam(n, 50, three=True).run(4 * n * n)
    assert len(program) == length
    assert not naive.failures(to_kernel(n, program, SELECTS))


def test_no_relation_is_known_of_unsorted_keys():
    facts = facts_of(distinct_orders(3), 4, 3)
    assert all(facts[x, y] == 0 for x in range(3) for y in range(3) if x != y)


def test_the_order_of_sorted_keys_is_known():
    facts = facts_of([packed((1, 2, 3, 1))], 4, 3)
    assert facts[1, 0] & Fact.NEVER_LESS
    assert not facts[0, 1] & Fact.NEVER_LESS
    assert facts[0, 1] & Fact.LESSER


@pytest.mark.parametrize("extrema", [False, True])
def test_steps_are_all_variants_on_all_pairs_of_cells(extrema):
    steps = steps_over(4, extrema=extrema)
    assert len(steps.lines) == len(steps.sizes) == 14 * 12
    assert len(steps.programs) == 4 * len(steps.lines)
    for step in (0, 70, 167):
        x, y, needs, free, _ = steps.lines[step]
        variant = VARIANTS[step // 12]
        assert (needs, free) == (variant.needs, "xyz".index(variant.form.free))
        expected = instructions_of(variant, int(x), int(y), 3, extrema=extrema)
        assert steps.program(step, 3) == tuple(expected)


@pytest.mark.parametrize(
    ("n", "width", "published"), [(2, 20, 4), (3, 50, 11), (4, 100, 20), (5, 100, 33), (6, 100, 45)]
)
def test_kernels_are_as_short_as_the_best_published(n, width, published):
    kernel = by_comparators(n, 4 * n * n, width=width)
    assert len(kernel) <= published
    assert kernel.contract.in_place
    assert not naive.failures(kernel)


@pytest.mark.parametrize("seed", range(3))
def test_every_kernel_on_the_way_sorts_and_is_shorter_than_the_one_before(seed):
    found = []
    assert ComparatorBeam(4, 30, seed).run(24, found=found.append) == found[-1]
    assert all(len(a) > len(b) for a, b in pairwise(found))
    for program in found:
        assert not naive.failures(to_kernel(4, program, X86_CMOV))


def test_states_are_kept_under_their_length():
    done = ComparatorBeam(4, 40, 0)
    done.run(24, keep_from=0)
    for length, shelf in done.shelves.items():
        assert len(shelf.spans) <= max(40, 64)
        for state in range(len(shelf.spans)):
            program = done.program(length, state)
            assert len(program) == length
            first, count, stale = shelf.spans[state]
            rows = set()
            for row in distinct_orders(4):
                rows.add(played(row, program, 5))
            live = [c for c in range(5) if c != stale]
            believed = {unpacked(row, 5) for row in shelf.rows[first : first + count]}
            assert rows == believed
            assert all(sorted(row[c] for c in live) == [1, 2, 3, 4] for row in rows)


def test_the_same_seed_gives_the_same_kernel():
    first, second = (ComparatorBeam(5, 40, 7) for _ in range(2))
    assert first.run(36) == second.run(36)
    assert first.states == second.states


def test_a_spent_budget_ends_the_search_without_a_result():
    beam = ComparatorBeam(5, 40, budget=Budget(1e-9))
    with pytest.raises(LimitReached):
        beam.run(36)
    assert beam.best is None


def test_no_kernel_longer_than_asked_for_is_returned():
    assert by_comparators(4, 19, width=100) is None


@pytest.mark.parametrize(("n", "shortest"), [(3, 11), (4, 20), (5, 32)])
def test_no_shorter_kernel_is_made_of_steps_where_no_state_was_dropped(n, shortest):
    beam = ComparatorBeam(n, 5000)
    assert beam.run(shortest - 1) is None
    assert not beam.dropped


def test_a_narrow_beam_says_that_it_dropped_states():
    beam = ComparatorBeam(5, 10)
    beam.run(31)
    assert beam.dropped
