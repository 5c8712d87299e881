"""A kernel that carries out a network one comparator after the other is recognised, no other is."""

import random
from itertools import combinations

import pytest
from kernels_by_hand import ALPHADEV3, FAILS_ON_TIES, compact
from places import KERNELS

from sortopt import api
from sortopt.model import run
from sortopt.model.goal import parse_goal
from sortopt.model.orders import weak_orders
from sortopt.model.verdict import Proved
from sortopt.networks import Network, best, check, lower, recognise
from sortopt.targets import ISAS


@pytest.mark.parametrize("isa", ISAS.values(), ids=list(ISAS))
@pytest.mark.parametrize("channels", range(2, 9))
def test_a_lowered_network_is_recognised(isa, channels):
    network = best(channels)
    assert recognise(lower(network, isa)).layered() == network.layered()


def test_a_network_that_is_recognised_does_what_the_kernel_does():
    for seed in range(60):
        drawn = random.Random(seed)
        pairs = drawn.choices(list(combinations(range(4), 2)), k=drawn.randrange(7))
        kernel = lower(Network(4, tuple(pairs)))
        found = recognise(kernel)
        assert all(run(kernel, keys) == found.apply(keys) for keys in weak_orders(4))


def test_a_kernel_of_others_is_recognised_as_the_network_that_it_is():
    found = recognise(api.load(KERNELS / "alphadev" / "sort4.asm"))
    assert found.size == 5
    assert check(found) == Proved()


def test_shared_instructions_and_wrong_ties_make_no_network():
    assert recognise(ALPHADEV3) is None
    assert recognise(FAILS_ON_TIES) is None
    assert recognise(compact("m43 c12 l41 g42 l12", "123", "413")) is None


def test_a_network_for_another_goal_is_not_recognised():
    assert recognise(lower(best(3), goal=parse_goal("median"))) is None
