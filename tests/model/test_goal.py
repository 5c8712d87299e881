"""Goals: which ranks the outputs hold."""

import pytest

from sortopt.base.errors import InputError
from sortopt.model.goal import SORT, Goal, parse_goal


@pytest.mark.parametrize(
    ("text", "n", "ranks"),
    [
        ("sort", 3, (0, 1, 2)),
        ("min", 3, (0,)),
        ("max", 3, (2,)),
        ("minmax", 4, (0, 3)),
        ("median", 3, (1,)),
        ("median", 4, (1,)),
        ("kth:1", 3, (0,)),
        ("kth:3", 3, (2,)),
        (" Merge: 1, 2 ", 3, (0, 1, 2)),
    ],
)
def test_a_goal_names_the_ranks_of_its_outputs(text, n, ranks):
    assert parse_goal(text).ranks(n) == ranks


@pytest.mark.parametrize("text", ["sort", "min", "max", "median", "minmax", "kth:2", "merge:2,3"])
def test_print_then_parse_is_identity(text):
    assert str(parse_goal(text)) == text
    assert parse_goal(str(parse_goal(text))) == parse_goal(text)


@pytest.mark.parametrize(
    "text",
    ["", "sorted", "sort:1", "kth", "kth:0", "kth:-1", "kth:x", "kth:1,2", "merge:2", "merge:0,2"],
)
def test_anything_else_is_refused_with_a_hint(text):
    with pytest.raises(InputError, match=r"unknown goal.*use sort"):
        parse_goal(text)


def test_a_goal_that_does_not_fit_the_keys_is_refused():
    with pytest.raises(InputError, match="key 4 of 3"):
        Goal("kth", (4,)).ranks(3)
    with pytest.raises(InputError, match="merges 5 keys, but the kernel has 4"):
        Goal("merge", (2, 3)).ranks(4)


def test_only_a_merge_grants_ascending_runs():
    assert Goal("merge", (2, 3)).ascending_runs() == (range(2), range(2, 5))
    assert SORT.ascending_runs() == ()
