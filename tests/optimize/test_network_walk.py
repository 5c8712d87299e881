"""The walk over networks: what it yields sorts, and what it counts on is so."""

from dataclasses import replace
from itertools import islice, permutations, product
from random import Random

import numpy as np
import pytest

from sortopt.base import Budget
from sortopt.model.orders import ALWAYS
from sortopt.model.verdict import Proved
from sortopt.networks import Network, best, check, redundant
from sortopt.optimize import _network_walk_kernels as kernels
from sortopt.optimize.network_walk import Walker, images, in_sequence, networks, packed
from sortopt.optimize.schedule import from_network, schedule
from sortopt.verify.columns import space

KNOWN = [best(n) for n in (3, 4, 5, 6)]


def all_keys(n):
    """Return all orders of n distinct keys, one line a channel."""
    return np.array(list(permutations(range(n))), np.uint8).T.copy()


def mangled(network, seed):
    """Return `network` with one comparator replaced at random."""
    random = Random(seed)
    comparators = list(network.comparators)
    low, high = sorted(random.sample(range(network.channels), 2))
    comparators[random.randrange(network.size)] = (low, high)
    return Network(network.channels, tuple(comparators))


@pytest.mark.jit_off
@pytest.mark.parametrize("network", KNOWN, ids=str)
def test_what_sorts_all_0_1_inputs_is_what_the_0_1_check_proves(network):
    bits = packed(images(network.channels, ()))
    for one in (network, *(mangled(network, seed) for seed in range(40))):
        idle = np.empty(one.size, np.bool_)
        assert kernels.sorts(bits, np.array(one.comparators), idle) == (check(one) == Proved())
        assert tuple(np.flatnonzero(idle)) == redundant(one)


@pytest.mark.jit_off
@pytest.mark.parametrize("size", [0, 1, 4, 9])
def test_images_are_the_outputs_on_all_0_1_inputs(size):
    network = Network(5, best(5).comparators[:size])
    wanted = {network.apply(keys) for keys in product((0, 1), repeat=5)}
    found = [tuple(int(v) for v in row) for row in images(5, network.comparators)]
    assert len(found) == len(wanted)
    assert set(found) == wanted


def pairs_of(network):
    """Return the pairs that the compiled code finds, on all orders of the keys."""
    net, n, size = np.array(network.comparators), network.channels, network.size
    keys = all_keys(n)
    columns = np.empty((n + 2 * size, keys.shape[1]), np.uint8)
    takes, before = np.empty((size, 2), np.int64), np.empty(size, np.uint64)
    found = np.empty((2 * size, 2), np.int64)
    idle = np.zeros(size, np.bool_)
    assert kernels.run(keys, net, idle, columns, takes, before) == size
    count = kernels.find_pairs(columns, takes, n, found)
    return {(int(j), int(i)) for j, i in found[:count]}


@pytest.mark.jit_off
@pytest.mark.parametrize("network", KNOWN[1:], ids=str)
def test_a_pair_is_a_comparator_whose_stale_key_spares_the_next_its_mov(network):
    exact = from_network(space(network.channels, ALWAYS), network)
    sparing = {
        (j, i)
        for i in range(network.size)
        for j in range(network.size)
        for z in exact.takes[j]
        if not exact.before[j] >> i & 1
        and z not in exact.takes[i]
        and exact.facts[i][z] != (0, 0)
        and {*exact.takes[i]} & {*exact.leaves[j]}
    }
    assert pairs_of(network) == sparing


def test_joined_comparators_leave_a_sequence_that_keeps_what_must_come_first():
    for n in (5, 6, 9):
        walker = Walker.of(best(n), 0)
        for seed in range(20):
            net = walker.net.copy()
            best_net = np.empty_like(net)
            kernels.walk(walker.bits, walker.keys, net, best_net, walker.rule, 200, seed)
            follows = np.empty(len(net), np.int64)
            before = np.empty(len(net), np.uint64)
            idle = np.empty(len(net), np.bool_)
            assert kernels.sorts(walker.bits, net, idle)
            kernels.judge(walker.keys, net, idle, follows, before, 3)
            taken = in_sequence(follows, before)
            needed = [k for k in range(len(net)) if not idle[k]]
            assert sorted(taken) == needed
            assert all(taken[taken.index(i) - 1] == j for i, j in enumerate(follows) if j >= 0)
            rest = tuple((int(net[k, 0]), int(net[k, 1])) for k in taken)
            assert check(Network(n, (*walker.fixed, *rest))) == Proved()


HALF_REDUNDANT = """
1:2 4:6 3:13 7:9 11:12 0:10 5:8 1:5 1:11 5:11 6:8 2:8 9:13 0:4 2:12 8:12 3:7 6:10 4:6 8:10 2:8 7:9
1:3 2:6 3:5 5:10 7:11 5:8 1:4 9:12 3:6 7:10 9:11 5:7 9:10 2:4 3:4 6:10 5:6 6:8 7:8
"""
"""A walk from the best network for 14 channels came by this, less its first layers.  Comparator
6:10 is redundant where it stands the second time, and the 6:8 behind it on most inputs; when they
were taken for redundant by a sample, and put further ahead, the network no longer sorted."""


def test_a_redundant_comparator_is_left_out_of_the_sequence():
    pairs = [tuple(map(int, pair.split(":"))) for pair in HALF_REDUNDANT.split()]
    walker = replace(Walker.of(best(14), 1), net=np.array(pairs))
    found = walker.leg(0, seed=1)
    assert check(found) == Proved()
    assert found.size < len(walker.fixed) + len(pairs)


@pytest.mark.parametrize("n", [9, 16])
def test_walks_meet_networks_that_sort_and_are_the_same_for_any_number_of_threads(n):
    one, two = (
        list(islice(networks(best(n), Budget(threads=t), seed=3, changes=3000), 4)) for t in (1, 2)
    )
    assert one == two
    assert len({*one}) > 1
    assert all(check(network) == Proved() for network in one)


def test_a_walk_finds_kernels_shorter_than_any_from_its_start():
    found = space(16, ALWAYS)

    def length(network, *, in_sequence):
        path = schedule(from_network(found, network), in_sequence=in_sequence)
        return sum(len(taken.variant) for taken in path)

    plain = length(best(16), in_sequence=False)
    walked = islice(networks(best(16), changes=150_000), 4)
    assert min(length(network, in_sequence=True) for network in walked) < plain < 240


def test_a_network_too_large_for_the_walk_is_refused():
    with pytest.raises(ValueError, match="at most 64"):
        next(networks(Network(16, best(16).comparators + ((0, 1),) * 5)))
