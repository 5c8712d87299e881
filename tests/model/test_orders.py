"""Weak orders and preconditions."""

from itertools import combinations, pairwise, permutations

import naive
import pytest

from sortopt.base.errors import InputError
from sortopt.model.isa import Order
from sortopt.model.orders import (
    ALWAYS,
    Comparison,
    Precondition,
    ascending,
    extensions,
    key_name,
    parse_precondition,
    weak_orders,
)
from sortopt.model.orders import permutations as distinct_orders


@pytest.mark.parametrize("n", range(1, 7))
def test_weak_orders_are_all_of_them_each_once(n):
    orders = weak_orders(n)
    assert len(orders) == len(set(orders))
    assert set(orders) == naive.weak_orders(n)


def test_weak_orders_begin_with_fewest_distinct_values_then_smallest():
    orders = weak_orders(4)
    assert list(orders) == sorted(orders, key=lambda order: (len(set(order)), order))


def test_permutations_are_the_weak_orders_without_ties():
    assert set(distinct_orders(4)) == {o for o in naive.weak_orders(4) if len(set(o)) == 4}


@pytest.mark.parametrize("order", [(1,), (1, 1), (2, 1, 1)])
@pytest.mark.parametrize("extra", [0, 1, 2])
def test_extensions_are_the_weak_orders_that_agree_on_the_first_keys(order, extra):
    n = len(order)
    found = list(extensions(order, extra))
    assert len(found) == len(set(found))
    assert set(found) == {
        o for o in naive.weak_orders(n + extra) if naive.dense(o[:n]) == order
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("a<b", lambda a, b, c: a < b),
        ("B <= C", lambda a, b, c: b <= c),
        ("a = c", lambda a, b, c: a == c),
        ("k1 == k2", lambda a, b, c: a == b),
        ("a > b and b >= c", lambda a, b, c: a > b >= c),
        ("a≤b, b≠c", lambda a, b, c: a <= b != c),
        ("a<b<=c", lambda a, b, c: a < b <= c),
        ("a=<b && c=>b", lambda a, b, c: a <= b <= c),
        ("a<>b", lambda a, b, c: a != b),
    ],
)
def test_a_precondition_means_what_it_says(text, holds):
    precondition = parse_precondition(text)
    expected = {order for order in naive.weak_orders(3) if holds(*order)}
    assert set(precondition.orders(3)) == expected
    assert parse_precondition(str(precondition)).orders(3) == precondition.orders(3)


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("a<", 2, "incomplete"),
        ("a b", 3, r"expected a relation"),
        ("<b", 1, "expected a key"),
        ("a<b,,b<c", 5, "missing before"),
        ("a<b and", 5, "missing after"),
        ("a<1", 3, "unknown key '1'"),
        ("a<foo", 3, "unknown key 'foo'"),
        ("a<b<b", 5, "with itself"),
        ("a<<b", 2, "unknown relation"),
        ("a<b; c", 4, "unexpected ';'"),
        ("a<b\n and c<*", 8, "unexpected"),
    ],
)
def test_a_malformed_precondition_is_refused_at_its_place(text, column, message):
    with pytest.raises(InputError, match=message) as caught:
        parse_precondition(text)
    assert caught.value.span.column == column
    assert caught.value.span.line == 1 + text.count("\n")


def test_an_empty_precondition_is_refused():
    with pytest.raises(InputError, match="empty"):
        parse_precondition("  ")


def test_a_precondition_that_no_input_satisfies_is_an_error():
    with pytest.raises(InputError, match="no input satisfies the precondition 'a < b and b < a'"):
        parse_precondition("a<b, b<a").orders(3)


def test_a_precondition_on_keys_that_are_not_there_is_an_error():
    with pytest.raises(InputError, match=r"names key 'd', but there are 3 keys"):
        parse_precondition("a<d").orders(3)


def test_conjunction_keeps_each_comparison_once():
    one, two = parse_precondition("a<b"), parse_precondition("b<c, a<b")
    assert str(one & two) == "a < b and b < c"
    assert not ALWAYS
    assert one & ALWAYS == one


def test_ascending_admits_exactly_the_ascending_runs():
    kept = set(ascending(range(1, 4)).orders(4))
    assert kept == {o for o in naive.weak_orders(4) if o[1] <= o[2] <= o[3]}
    assert ascending(range(2, 3)) == ALWAYS


def test_key_names_are_letters_then_numbers():
    assert (key_name(0, 3), key_name(25, 26), key_name(26, 27)) == ("a", "z", "k27")
    assert str(Comparison(0, Order.LESS, 26)) == "k1 < k27"


@pytest.mark.parametrize("keys", list(permutations("abcd")))
def test_a_chain_is_refused_iff_it_closes_with_two_keys_that_must_differ(keys):
    """Whichever way the keys are named: what is forced is found through any third key."""
    chain = ", ".join(f"{low} <= {high}" for low, high in pairwise(keys))
    first, last = keys[0], keys[-1]
    for satisfied in ("", f", {last} <= {first}", f", {first} < {last}", f", {first} = {last}"):
        parse_precondition(chain + satisfied).check(4)
    cycle = f"{chain}, {last} <= {first}"
    for closing in ("<", "!="):
        with pytest.raises(InputError, match="no input satisfies"):
            parse_precondition(f"{cycle}, {keys[1]} {closing} {keys[2]}").check(4)
    for closing in (f"{last} < {first}", f"{last} = {first}, {first} != {keys[2]}"):
        with pytest.raises(InputError, match="no input satisfies"):
            parse_precondition(f"{chain}, {closing}").check(4)


def test_an_example_satisfies_whatever_some_input_satisfies():
    relations = ("<", "<=", "=", "!=")
    clauses = [f"{a} {r} {b}" for a, b in permutations("abc", 2) for r in relations]
    satisfiable = 0
    for parts in combinations(clauses, 3):
        precondition = parse_precondition(", ".join(parts))
        admitted = any(map(precondition.holds, naive.weak_orders(3)))
        assert precondition.holds(precondition.example(3)) == admitted
        satisfiable += admitted
    assert 0 < satisfiable < len(list(combinations(clauses, 3)))


def test_no_input_is_an_error_by_itself_wherever_orders_are_listed(monkeypatch):
    monkeypatch.setattr(Precondition, "check", lambda self, n: None)
    with pytest.raises(InputError, match="no input satisfies"):
        parse_precondition("a<b, b<a").orders(3)
