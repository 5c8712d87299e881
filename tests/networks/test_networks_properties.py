"""Properties of comparator networks."""

import naive
from hypothesis import given
from hypothesis import strategies as st

from sortopt.model.interpreter import run
from sortopt.networks import (
    FORMS,
    Network,
    best,
    check,
    parse_network,
    redundant,
    untangle,
    write_network,
)
from sortopt.networks.lowering import lower
from sortopt.networks.optimal import structure
from sortopt.targets import X86_CMOV, X86_MINMAX


@st.composite
def tangled(draw, *, most=7):
    """Draw a number of channels and comparators of either direction."""
    channels = draw(st.integers(2, most))
    pair = st.permutations(range(channels)).map(lambda p: (p[0], p[1]))
    return channels, draw(st.lists(pair, max_size=12))


networks = tangled().map(
    lambda drawn: Network(drawn[0], tuple((min(pair), max(pair)) for pair in drawn[1]))
)


def apply_tangled(pairs, keys):
    held = list(keys)
    for i, j in pairs:
        held[i], held[j] = min(held[i], held[j]), max(held[i], held[j])
    return held


@given(networks)
def test_a_network_sorts_all_weak_orders_iff_the_check_proves_it(network):
    if network.channels > 5:
        network = Network(5, tuple(c for c in network.comparators if c[1] < 5))
    sorts = all(network.apply(o) == tuple(sorted(o)) for o in naive.weak_orders(network.channels))
    assert check(network).name == ("proved" if sorts else "refuted")


@given(networks, st.sampled_from(FORMS))
def test_print_then_parse_is_identity(network, form):
    found = (
        parse_network(write_network(network, form), channels=network.channels)
        if network.size
        else parse_network(write_network(network, "json"))
    )
    assert found.network.layered() == network.layered()


@given(networks, st.data())
def test_layered_networks_do_the_same(network, data):
    keys = data.draw(
        st.lists(st.integers(0, 9), min_size=network.channels, max_size=network.channels)
    )
    assert network.layered().apply(keys) == network.apply(keys)
    assert network.layered().layers == network.layers
    assert network.layered().layered() == network.layered()


@given(tangled(), st.data())
def test_untangling_only_renames_the_outputs(drawn, data):
    channels, pairs = drawn
    network = untangle(channels, pairs)
    keys = data.draw(st.permutations(range(channels)))
    others = data.draw(st.permutations(range(channels)))
    wanted = {}
    for given_keys in (keys, others):
        before, after = apply_tangled(pairs, given_keys), network.apply(given_keys)
        positions = tuple(after.index(key) for key in before)
        assert wanted.setdefault("positions", positions) == positions


@given(st.integers(3, 8), st.data())
def test_renaming_channels_keeps_the_structure(n, data):
    network = best(n)
    names = data.draw(st.permutations(range(n)))
    renamed = untangle(n, [(names[i], names[j]) for i, j in network.comparators])
    assert structure(renamed) == structure(network)
    assert check(renamed).name == "proved"


@given(networks, st.data())
def test_a_network_does_the_same_without_its_redundant_comparators(network, data):
    idle = redundant(network)
    kept = tuple(c for k, c in enumerate(network.comparators) if k not in idle)
    keys = data.draw(
        st.lists(st.integers(0, 9), min_size=network.channels, max_size=network.channels)
    )
    assert Network(network.channels, kept).apply(keys) == network.apply(keys)


@given(networks, st.sampled_from([X86_CMOV, X86_MINMAX]), st.data())
def test_a_lowered_network_does_the_same(network, isa, data):
    keys = data.draw(
        st.lists(st.integers(0, 9), min_size=network.channels, max_size=network.channels)
    )
    assert run(lower(network, isa), keys) == network.apply(keys)
