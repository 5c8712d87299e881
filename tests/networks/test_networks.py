"""Networks as values, the 0-1 check, the best-known ones, and generated ones."""

from itertools import islice, product

import pytest

from sortopt.base.errors import InputError
from sortopt.networks import (
    Network,
    best,
    check,
    optimal_networks,
    random_optimal,
    redundant,
    untangle,
)
from sortopt.networks.optimal import LEAST_SIZE, structure
from sortopt.networks.zero_one import MOST_CHECKED

SIZES = dict(
    zip(range(2, 17), [1, 3, 5, 9, 12, 16, 19, 25, 29, 35, 39, 45, 51, 56, 60], strict=True)
)
DEPTHS = dict(zip(range(2, 17), [1, 3, 3, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 9, 9], strict=True))
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

    def test_too_many_channels_are_unknown_never_proved(self):
        assert check(Network(MOST_CHECKED + 1, ())).name == "unknown"

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


class TestBest:
    @pytest.mark.parametrize("n", range(2, 17))
    def test_it_sorts_with_the_published_size_and_depth(self, n):
        small, shallow = best(n), best(n, "depth")
        assert check(small).name == check(shallow).name == "proved"
        assert small.size == SIZES[n]
        assert shallow.depth == DEPTHS[n]
        assert redundant(small) == redundant(shallow) == ()

    @pytest.mark.parametrize("n", [1, 17])
    def test_none_on_file_is_an_error_that_says_what_is(self, n):
        with pytest.raises(InputError, match="one for each of 2 to 16"):
            best(n)


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
