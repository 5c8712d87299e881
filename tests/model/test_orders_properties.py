"""Properties of weak orders and preconditions."""

import naive
from hypothesis import given
from hypothesis import strategies as st
from strategies import RELATIONS

from sortopt.model.orders import (
    Comparison,
    Precondition,
    parse_precondition,
)

KEYS = st.lists(st.integers(-9, 9), min_size=3, max_size=3)
PAIRS = st.permutations(range(3)).map(lambda p: p[:2])
COMPARISONS = st.builds(lambda p, r: Comparison(p[0], r, p[1]), PAIRS, st.sampled_from(RELATIONS))
PRECONDITIONS = st.lists(COMPARISONS, min_size=1, max_size=4, unique=True).map(
    lambda comparisons: Precondition(tuple(comparisons))
)


@given(PRECONDITIONS)
def test_print_then_parse_is_identity(precondition):
    assert parse_precondition(str(precondition)) == precondition


@given(PRECONDITIONS, KEYS)
def test_keys_satisfy_a_precondition_iff_their_weak_order_does(precondition, keys):
    assert precondition.holds(keys) == precondition.holds(naive.dense(keys))


@given(COMPARISONS, KEYS)
def test_exchanging_both_sides_and_the_relation_changes_nothing(comparison, keys):
    mirrored = Comparison(comparison.right, comparison.relation.exchanged(), comparison.left)
    assert mirrored.holds(keys) == comparison.holds(keys)
