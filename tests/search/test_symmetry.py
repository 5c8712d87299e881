"""Canonical forms: one for each orbit, whatever the naming, the direction and the exchange.

Random states of random problems are in test_symmetry_properties.py.
"""

import random

import engines
import naive
import numpy as np
import pytest
from engines import SILENT_OVERFLOW, SMALL, canonical_form, question

from sortopt.search.space._symmetry_kernels import row_hash, sort_unique
from sortopt.search.space.symmetry import symmetry_of
from sortopt.search.space.universe import DEAD, build

pytestmark = pytest.mark.filterwarnings(SILENT_OVERFLOW)


def oracle_options(problem):
    return {
        "scratch": problem.scratch,
        "conditions": problem.conditions,
        "ranks": problem.goal.ranks(problem.n),
        "outputs": "in-place" if problem.in_place or problem.in_memory else "anywhere",
        "isa": problem.isa.name,
    }


@pytest.mark.jit_off
@pytest.mark.parametrize("name", SMALL)
def test_image_rows_are_the_oracles_symmetries(name):
    universe = build(SMALL[name])
    image = symmetry_of(universe).tables.image
    for number in range(0, universe.size, 1 + universe.size // 60):
        images = {engines.state(universe, [row[number]]) for row in image}
        expected = naive.symmetric_images(
            engines.state(universe, [number]), universe.problem.n, **oracle_options(SMALL[name])
        )
        assert images == set(expected)
        assert len(image) == len(expected)


@pytest.mark.parametrize("name", SMALL)
def test_image_rows_are_a_group_of_permutations(name):
    universe = build(SMALL[name])
    symmetry = symmetry_of(universe)
    image = symmetry.tables.image
    everything = np.arange(universe.size)
    assert len(image) == symmetry.order
    assert (np.sort(image, axis=1) == everything).all()
    assert (image[0] == everything).all()
    rows = {row.tobytes() for row in image}
    assert len(rows) == symmetry.order
    for first in image[:: 1 + len(image) // 24]:
        assert {image[k][first].tobytes() for k in range(len(image))} == rows


@pytest.mark.parametrize(
    ("problem", "order"),
    [
        (question(3), 6 * 4),
        (question(3, in_place=False), 24 * 4),
        (question(3, "l"), 6),
        (question(3, goal="min"), 6 * 2),
        (question(2, scratch=2), 2 * 2 * 4),
        (question(3, minmax=True), 6 * 2),
    ],
)
def test_order_of_the_group(problem, order):
    assert symmetry_of(build(problem)).order == order


@pytest.mark.parametrize("name", SMALL)
def test_symmetric_states_have_symmetric_children(name):
    """Each instruction's effect, moved by a symmetry, is an instruction's effect up to exchange."""
    universe = build(SMALL[name])
    symmetry = symmetry_of(universe)
    chosen = random.Random(1).choices(range(universe.size), k=8)

    def children(number):
        after = universe.step[number]
        return {canonical_form([child], symmetry) for child in after[after != DEAD]}

    for number in chosen:
        for row in symmetry.tables.image:
            assert children(row[number]) == children(number)


@pytest.mark.parametrize("name", ["in place", "min and max", "not closed under exchange"])
def test_equal_signatures_cost_time_only(name):
    """With all signatures equal every element is tried, and the form is the least image."""
    universe = build(SMALL[name])
    tables = symmetry_of(universe).tables
    blind = tables._replace(signature=np.zeros_like(tables.signature))
    draw = random.Random(2)
    for _ in range(30):
        row = sorted(draw.sample(range(universe.size), 3))
        out = np.empty(3, np.uint16)
        engines.canonical(np.array(row, np.uint16), 3, blind, out)
        assert out.tolist() == min(sorted(image[row].tolist()) for image in tables.image)


@pytest.mark.jit_off
@pytest.mark.parametrize("size", [0, 1, 2, 7, 48, 49, 200])
def test_sort_unique_sorts_and_drops_what_is_equal(size):
    row = np.array(random.Random(size).choices(range(100), k=size), np.uint16)
    expected = np.unique(row)
    kept = sort_unique(row, size)
    assert (row[:kept] == expected).all()
    assert kept == len(expected)


@pytest.mark.jit_off
def test_hashes_of_different_rows_differ_as_a_rule():
    rows = [np.array([a, b], np.uint16) for a in range(60) for b in range(a)]
    hashes = {int(row_hash(row, 2)) for row in rows}
    assert len(hashes) == len(rows)
    assert row_hash(rows[5], 1) != row_hash(rows[5], 2)


@pytest.mark.jit_off
def test_start_of_an_in_place_problem_is_alone_in_its_orbit():
    universe = build(question(3))
    start = engines.state(universe, universe.start)
    assert set(naive.symmetric_images(start, 3)) == {start}
