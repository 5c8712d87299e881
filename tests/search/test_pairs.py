"""Loads and stores of two neighbours in one instruction, where the machine has such."""

from itertools import combinations, permutations, product

import pytest
from engines import SILENT_OVERFLOW

from sortopt.base import Budget
from sortopt.base.errors import InputError
from sortopt.formats import instruction_lines, joined, parse, print_kernel
from sortopt.model import ALWAYS, parse_goal
from sortopt.search.bounds.in_memory import writes_in_memory
from sortopt.search.exhaustive import shortest
from sortopt.search.space import DEAD, Problem, build, problem_of, renamings_of
from sortopt.targets import ISAS
from sortopt.tasks.find import find
from sortopt.tasks.ways import simple_bound
from sortopt.verify import verify

AARCH64 = ISAS["aarch64"]

pytestmark = pytest.mark.filterwarnings(SILENT_OVERFLOW)


def asked(n, registers, **more):
    more = {"in_memory": True, "pairs": True, **more}
    return Problem(n, AARCH64, ("lt", "gt"), scratch=registers, **more)


def moves(n, registers):
    """Return what loads and stores copy, one or two (target, source) each."""
    places, rest = range(n), range(n, n + registers)
    single = [((r, p),) for r, p in product(rest, places)]
    single += [((p, r),) for r, p in product(rest, places)]
    stores = [((p, r), (p + 1, s)) for p in places[:-1] for r, s in product(rest, rest)]
    loads = [((r, p), (s, p + 1)) for p in places[:-1] for r, s in permutations(rest, 2)]
    return [*single, *stores, *loads, *(((r, s),) for r, s in permutations(rest, 2))]


def children(state, n, registers):
    """Yield what one instruction makes of a set of (cells, flags, keys ascending)."""
    for copies in moves(n, registers):
        after = []
        for cells, flags, keys in state:
            new = [*cells]
            for target, source in copies:
                new[target] = cells[source]
            after.append((tuple(new), flags, keys))
        yield after
    rest = range(n, n + registers)
    for a, b in combinations(rest, 2):
        if all(None not in (cells[a], cells[b]) for cells, _, _ in state):
            yield [(c, (c[a] > c[b]) - (c[a] < c[b]), keys) for c, _, keys in state]
    if all(flags is not None for _, flags, _ in state):
        for d, a, b, outcome in product(rest, rest, rest, (-1, 1)):
            yield [
                ((*c[:d], c[a if f == outcome else b], *c[d + 1 :]), f, keys)
                for c, f, keys in state
            ]


def least_length(n, registers, most):
    """Return the length of a shortest kernel that sorts a buffer in order, by trying everything."""
    orders = ALWAYS.orders(n)
    layer = {frozenset(((*o, *[None] * registers), None, tuple(sorted(o))) for o in orders)}
    seen = set(layer)
    for length in range(most + 1):
        if any(all(cells[:n] == keys for cells, _, keys in state) for state in layer):
            return length
        tried = (child for state in layer for child in children(state, n, registers))
        alive = (c for c in tried if all({*keys} <= {*cells} for cells, _, keys in c))
        layer = {*map(frozenset, alive)} - seen
        seen |= layer
    return None


@pytest.mark.parametrize(("registers", "length"), [(2, 7), (3, 5)])
def test_kernels_of_two_keys_are_as_short_as_trying_everything_finds(registers, length):
    found = shortest(asked(2, registers))
    assert least_length(2, registers, 7) == length == found.lower_bound
    assert found.problem.length_of(found.kernel) == length
    assert found.proved_minimal
    assert verify(found.kernel).verdict.name == "proved"


def test_a_pair_does_what_its_two_parts_do_one_after_the_other():
    universe = build(asked(2, 2))
    single = len(universe.instructions)
    assert universe.step.shape[1] == single + len(universe.pairs)
    for number, (first, second) in enumerate(universe.pairs, single):
        assert universe.parts(number) == [universe.instructions[q] for q in (first, second)]
        for start in range(universe.size):
            between = universe.step[start, first]
            after = DEAD if between == DEAD else universe.step[between, second]
            assert universe.step[start, number] == after


def test_pairs_are_of_neighbours_and_no_two_loads_are_into_one_register():
    near, far = (build(asked(3, 2, scattered=s, distinct=True)) for s in (False, True))
    for universe, count in ((near, 2), (far, 3)):
        written = [
            tuple((form.mnemonic, *cells) for form, cells in universe.parts(number))
            for number in range(len(universe.instructions), universe.step.shape[1])
        ]
        loads = [p for p in written if p[0][0] == "ldr"]
        assert len(loads) == count * 2
        assert len(written) - len(loads) == count * 4
        assert all(a[1] != b[1] for a, b in loads)
    assert {q for pair in near.pairs for q in pair} == {q for pair in far.pairs for q in pair}
    assert {*near.pairs} < {*far.pairs}


def test_every_kernel_of_neighbours_solves_the_scattered_problem():
    problem = asked(3, 3)
    assert problem.easier.scattered
    assert problem.easier.easier == problem.easier
    assert {renaming[:3] for renaming in renamings_of(problem)} == {(0, 1, 2)}
    assert len(renamings_of(problem.easier)) == 6 * len(renamings_of(problem)) == 36
    assert problem.easier.reversible
    assert not problem.reversible
    assert writes_in_memory(problem) == 5 + 2 + 2
    assert simple_bound(problem) == 2 + 2


def test_four_keys_are_loaded_and_stored_two_by_two():
    answer = find(problem_of(4, isa="aarch64", in_memory=True, pairs=True), Budget(1e-9))
    assert (answer.length, answer.lower_bound, answer.verified) == (19, 16, True)
    lines = instruction_lines(answer.kernel)
    assert len(lines) == 19
    assert [line.split()[0] for line in lines].count("ldp") == 2
    text = print_kernel(answer.kernel, pairs=True)
    assert "19 instructions" in text
    assert parse(text).kernel == answer.kernel


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["ldr w1, [x0]", "ldr w2, [x0, #4]"], ["ldp w1, w2, [x0]"]),
        (["ldr w2, [x0, #4]", "ldr w1, [x0]"], None),
        (["ldr w1, [x0]", "ldr w1, [x0, #4]"], None),
        (["str w1, [x0]", "str w1, [x0, #4]"], ["stp w1, w1, [x0]"]),
        (["ldr w1, [x0]", "str w2, [x0, #4]"], None),
        (["ldr w1, [x0]", "ldr x2, [x0, #4]"], None),
        (["ldr w0, [x0]", "ldr w2, [x0, #4]"], None),
        (["ldr w1, [x0]", "ldr w2, [x3, #4]"], None),
        (["ldr h1, [x0]", "ldr h2, [x0, #2]"], None),
        (["ldr w1, [x0]", "cmp w1, w2", "ldr w2, [x0, #4]"], None),
        (
            [f"ldr q{i}, [x0, #{16 * i}]" for i in range(1, 4)],
            ["ldp q1, q2, [x0, #16]", "ldr q3, [x0, #48]"],
        ),
    ],
)
def test_neighbours_are_joined_and_nothing_else(lines, expected):
    assert joined(lines, AARCH64.machine) == (expected or lines)


def test_two_stores_of_one_register_are_read_and_two_loads_into_one_are_not():
    kernel = "// inputs: [x0] [x0, #4]\n// outputs: [x0] [x0, #4]\n    ldr w1, [x0]\n"
    assert len(parse(kernel + "    stp w1, w1, [x0]\n").kernel) == 3
    with pytest.raises(InputError, match="ldp"):
        parse(kernel + "    ldp w1, w1, [x0]\n")


def test_what_has_no_pairs_is_refused():
    with pytest.raises(InputError, match="add --in-memory"):
        problem_of(2, isa="aarch64", pairs=True)
    with pytest.raises(InputError, match="--isa aarch64"):
        problem_of(2, in_memory=True, pairs=True)
    with pytest.raises(InputError, match="not counted"):
        find(problem_of(2, isa="aarch64", in_memory=True, pairs=True), every=True)


def test_a_goal_that_leaves_keys_out_may_end_in_any_place():
    problem = asked(2, 2, goal=parse_goal("min"))
    found = shortest(problem)
    assert (problem.length_of(found.kernel), found.lower_bound) == (4, 4)
    assert "outputs in place" in problem.describe()
    assert "outputs in order" in asked(2, 2).describe()
