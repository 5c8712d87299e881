"""Key types are what C calls so, and a kernel turned to another sign sorts as it did."""

import pytest
from kernels_by_hand import ALPHADEV3, SORT2, UNSIGNED2

from sortopt.model.interpreter import expected, run
from sortopt.model.keys import KEY_TYPES, for_keys, natural_key_type
from sortopt.model.orders import weak_orders


@pytest.mark.parametrize("key", KEY_TYPES.values(), ids=lambda key: key.name)
@pytest.mark.parametrize("kernel", [SORT2, UNSIGNED2, ALPHADEV3], ids=["sort2", "u2", "sort3"])
def test_twin_for_the_other_signedness_sorts_as_well(kernel, key):
    twin = for_keys(kernel, key)
    assert twin.signedness is key.signedness
    assert all(run(twin, order) == expected(twin, order) for order in weak_orders(twin.n))


def test_natural_key_type_follows_the_conditions():
    assert natural_key_type(SORT2).name == "int32"
    assert natural_key_type(UNSIGNED2).name == "uint32"


def test_key_types_have_the_extremes_of_their_width():
    assert KEY_TYPES["int32"].least == -(2**31)
    assert KEY_TYPES["int64"].greatest == 2**63 - 1
    assert KEY_TYPES["uint32"].least == 0
    assert KEY_TYPES["uint64"].greatest == 2**64 - 1


@pytest.mark.parametrize("name", KEY_TYPES)
def test_seen_and_unseen_are_inverse(name):
    key = KEY_TYPES[name]
    half = 1 << (key.bits - 1)
    for value in (0, 1, half - 1, -half if key.signed else 2 * half - 1):
        assert key.unseen(key.seen(value)) == value
    assert key.seen(None) is key.unseen(None) is None
