"""Networks as values, the 0-1 check, the best-known ones, and generated ones."""

from itertools import islice, permutations, product

import pytest

from sortopt.base.errors import InputError
from sortopt.model import Goal, parse_goal
from sortopt.networks import (
    Network,
    best,
    check,
    examine,
    optimal_networks,
    random_optimal,
    redundant,
    untangle,
    zero_one,
)
from sortopt.networks.optimal import LEAST_SIZE, structure

SIZES = [
    0, 0, 1, 3, 5, 9, 12, 16, 19, 25, 29, 35, 39, 45, 51, 56, 60,
    71, 77, 85, 91, 99, 106, 114, 120, 130, 138, 147, 155, 164, 172, 180, 185,
]  # fmt: skip
DEPTHS = [
    0, 0, 1, 3, 3, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 9, 9,
    10, 11, 11, 11, 12, 12, 12, 12, 13, 13, 13, 13, 14, 14, 14, 14,
]  # fmt: skip
MEDIAN = Goal("median")
SORT3 = Network(3, ((0, 2), (0, 1), (1, 2)))


@pytest.mark.parametrize(
    ("channels", "comparators", "message"),
    [
        (3, ((0, 1), (1, 1)), "comparator 2, 1:1 joins a channel with itself"),
        (3, ((0, 3),), "names channel 3, but the channels are 0 to 2"),
        (3, ((-1, 2),), "names channel -1"),
        (3, ((2, 0),), "puts the lesser key on the lower channel; write 0:2"),
        (0, (), "1 to 64 channels, not 0"),
        (65, (), "1 to 64 channels, not 65"),
    ],
)
def test_an_invalid_network_cannot_be_built(channels, comparators, message):
    with pytest.raises(InputError, match=message):
        Network(channels, comparators)


def test_layers_hold_comparators_that_do_not_touch_each_as_early_as_can_be():
    network = Network(4, ((2, 3), (0, 1), (0, 2), (1, 3), (1, 2)))
    assert network.layers == (((0, 1), (2, 3)), ((0, 2), (1, 3)), ((1, 2),))
    assert (network.size, network.depth, len(network)) == (5, 3, 5)
    assert network.layered() == Network(4, ((0, 1), (2, 3), (0, 2), (1, 3), (1, 2)))


def test_an_empty_network_has_no_layer():
    assert (Network(2, ()).layers, Network(2, ()).depth) == ((), 0)


def test_apply_puts_the_lesser_key_above():
    assert Network(3, ((0, 2),)).apply((5, 4, 3)) == (3, 4, 5)
    assert SORT3.apply((2, 3, 1)) == (1, 2, 3)


def test_without_leaves_out_one_comparator():
    assert SORT3.without(1) == Network(3, ((0, 2), (1, 2)))


def test_untangling_turns_comparators_the_usual_way_round():
    upside_down = [(2, 0), (2, 1), (1, 0)]
    assert untangle(3, upside_down) == SORT3
    assert untangle(3, SORT3.comparators) == SORT3


class TestCheck:
    @pytest.mark.parametrize("channels", [1, 2, 3, 4])
    def test_it_agrees_with_trying_all_inputs(self, channels):
        pairs = [(i, j) for j in range(channels) for i in range(j)]
        for size in range(4):
            for comparators in product(pairs, repeat=size):
                network = Network(channels, comparators)
                inputs = product((0, 1), repeat=channels)
                failing = [k for k in inputs if network.apply(k) != tuple(sorted(k))]
                verdict = check(network)
                assert verdict.name == ("refuted" if failing else "proved")
                if failing:
                    found = verdict.counterexample
                    assert found.inputs == failing[0]
                    assert found.outputs == network.apply(failing[0])

    def test_what_takes_too_many_sequences_is_unknown_never_proved(self, monkeypatch):
        monkeypatch.setattr(zero_one, "MOST_SEQUENCES", 10)
        found = examine(best(6))
        assert (found.verdict.name, found.idle) == ("unknown", ())

    def test_what_takes_too_many_sequences_may_fail_on_one_drawn(self):
        found = check(Network(64, ())).counterexample
        assert found.outputs == found.inputs != tuple(sorted(found.inputs)) == found.expected

    @pytest.mark.parametrize("n", [32, 64])
    def test_networks_of_many_channels_are_decided(self, n):
        whole = Network(n, tuple(merge_exchange(n)))
        assert check(whole).name == "proved"
        assert check(whole, parse_goal(f"kth:{n // 3}")).name == "proved"
        for index in (0, whole.size // 2, whole.size - 1):
            failing = check(whole.without(index)).counterexample
            assert whole.without(index).apply(failing.inputs) == failing.outputs
            assert failing.outputs != failing.expected == whole.apply(failing.inputs)

    @pytest.mark.parametrize("n", range(2, 17))
    def test_it_catches_each_best_network_with_one_comparator_removed(self, n):
        network = best(n)
        for index in range(network.size):
            verdict = check(network.without(index))
            assert verdict.name == "refuted"
            assert verdict.counterexample.outputs != verdict.counterexample.expected

    def test_comparators_that_never_exchange_are_redundant(self):
        assert redundant(SORT3) == ()
        doubled = Network(3, ((0, 2), (0, 2), (0, 1), (1, 2), (0, 1)))
        assert redundant(doubled) == (1, 4)


def merge_exchange(n):
    """Batcher's merge exchange (Knuth, volume 3, algorithm 5.2.2M), n a power of two."""
    p = top = n // 2
    while p:
        q, r, d = top, 0, p
        while True:
            yield from ((i, i + d) for i in range(n - d) if i & p == r)
            if q == p:
                break
            d, q, r = q - p, q // 2, p
        p //= 2


class TestGoals:
    @pytest.mark.parametrize(
        "goal", ["median", "min", "kth:3", "smallest:2", "largest:3", "minmax", "merge:1,3"]
    )
    def test_a_goal_is_decided_as_by_trying_all_keys(self, goal):
        aim, channels = parse_goal(goal), 4
        ranks = aim.ranks(channels)
        inputs = [keys for keys in permutations(range(channels)) if follows(keys, aim)]
        pairs = [(i, j) for j in range(channels) for i in range(j)]
        verdicts = set()
        for comparators in product(pairs, repeat=3):
            network = Network(channels, ((0, 1), (2, 3), *comparators))
            after = [network.apply(keys) for keys in inputs]
            served = all({keys[rank] for keys in after} == {rank} for rank in ranks)
            found = examine(network, aim)
            verdicts.add(found.verdict.name)
            assert found.verdict.name == ("proved" if served else "refuted")
            if not served:
                failing = found.verdict.counterexample
                assert follows(failing.inputs, aim)
                last = network.apply(failing.inputs)
                assert failing.outputs == tuple(last[rank] for rank in ranks) != failing.expected
        assert verdicts == {"proved", "refuted"}

    def test_half_comparators_are_told_apart(self):
        network = Network(3, ((0, 1), (1, 2), (0, 1)))
        assert network.needed((0, 1, 2)) == ((True, True),) * 3
        assert network.needed((1,)) == ((True, True), (True, False), (False, True))
        assert network.needed((2,)) == ((False, True), (False, True), (False, False))


def follows(keys, goal):
    runs = ([keys[place] for place in run] for run in goal.ascending_runs())
    return all(run == sorted(run) for run in runs)


class TestBest:
    @pytest.mark.parametrize("n", range(2, 33))
    def test_it_sorts_with_the_published_size_and_depth(self, n):
        small, shallow = best(n), best(n, "depth")
        assert check(small).name == check(shallow).name == "proved"
        assert small.size == SIZES[n]
        assert shallow.depth == DEPTHS[n]
        assert redundant(small) == redundant(shallow) == ()

    @pytest.mark.parametrize("n", [1, 33])
    def test_none_on_file_is_an_error_that_says_what_is(self, n):
        with pytest.raises(InputError, match="one for each of 2 to 32"):
            best(n)

    @pytest.mark.parametrize(
        ("n", "halves"), [(3, 4), (5, 10), (7, 20), (9, 30), (11, 40), (13, 52), (25, 146)]
    )
    def test_medians_take_the_published_number_of_minima_and_maxima(self, n, halves):
        network = best(n, goal=MEDIAN)
        assert sum(map(sum, network.needed(MEDIAN.ranks(n)))) == halves

    @pytest.mark.parametrize("n", range(3, 26, 2))
    @pytest.mark.parametrize("least", ["size", "depth"])
    def test_a_median_network_serves_its_goal_with_every_comparator_needed(self, n, least):
        network, sorts = best(n, least, MEDIAN), best(n, least)
        found = examine(network, MEDIAN)
        assert (found.verdict.name, found.idle) == ("proved", ())
        assert all(map(any, network.needed(MEDIAN.ranks(n))))
        assert check(network).name == ("refuted" if n > 3 else "proved")
        assert getattr(network, least) <= getattr(sorts, least)
        for index in range(network.size):
            assert check(network.without(index), MEDIAN).name == "refuted"

    def test_where_none_is_on_file_for_a_goal_it_sorts(self):
        assert best(6, goal=MEDIAN) == best(6, goal=Goal("minmax")) == best(6)

    @pytest.mark.parametrize("goal", ["merge:2,3", "merge:1,1", "kth:5", "smallest:9"])
    def test_a_goal_for_another_number_of_channels_is_refused(self, goal):
        with pytest.raises(InputError, match=f"goal {goal}"):
            check(best(4), parse_goal(goal))


class TestOptimal:
    @pytest.mark.parametrize("n", range(1, 9))
    def test_generated_networks_sort_with_least_size(self, n):
        for network in islice(optimal_networks(n, seed=5), 30):
            assert (network.channels, network.size) == (n, LEAST_SIZE[n])
            assert check(network).name == "proved"

    @pytest.mark.parametrize(("n", "least"), [(5, 100), (6, 60), (7, 100), (8, 30)])
    def test_there_are_many_and_no_two_are_alike(self, n, least):
        found = list(islice(optimal_networks(n, seed=1), least))
        assert len({structure(network) for network in found}) == len(found) == least

    def test_few_channels_run_out_of_networks(self):
        assert list(optimal_networks(2)) == [Network(2, ((0, 1),))]
        assert [structure(network) for network in optimal_networks(4)] == [structure(best(4))]

    def test_the_same_seed_gives_the_same_network_and_others_differ(self):
        drawn = [random_optimal(6, seed) for seed in range(8)]
        assert drawn == [random_optimal(6, seed) for seed in range(8)]
        assert len({structure(network) for network in drawn}) > 4

    def test_more_channels_than_are_known_are_refused(self):
        with pytest.raises(InputError, match="1 to 8 channels, not 9"):
            random_optimal(9)
