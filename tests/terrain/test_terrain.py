"""The landscape of two keys as an oracle finds it, by plain programs and plain edits."""

from itertools import pairwise, permutations, product

import naive
import numpy as np
import pytest
from engines import SILENT_OVERFLOW

from sortopt.base import Budget
from sortopt.model import Proved
from sortopt.search.optima import optima
from sortopt.search.space import Problem, build, problem_of
from sortopt.targets import X86_MINMAX
from sortopt.terrain import Catalogue, Space, draw_shortest, drawn_level, lengths, whole_level
from sortopt.terrain.levels import FAR
from sortopt.verify import WEAK_ORDERS, verify

pytestmark = pytest.mark.filterwarnings(SILENT_OVERFLOW)

PROBLEM = problem_of(2, conditions=("l", "g"))
START = naive.start_state(PROBLEM.orders, 1)
MNEMONICS = ("mov", "cmp", "cmovl", "cmovg")
ALL = [(m, *pair) for m in MNEMONICS for pair in permutations(range(3), 2)]
OTHER = {"mov": "mov", "cmovl": "cmovg", "cmovg": "cmovl"}


def is_right(word):
    """Whether a program sorts two keys in order, as the oracle runs it."""
    state = START
    for instruction in word:
        state = naive.apply(instruction, state, True, True)
        if state is None:
            return False
    return all(cells[:2] == tag for cells, _, tag in state)


def exchanged(word, i):
    """Exchange the keys of comparison i, and the conditions up to the next comparison."""
    end = next((j for j in range(i + 1, len(word)) if word[j][0] == "cmp"), len(word))
    behind = [(OTHER[m], d, s) for m, d, s in word[i + 1 : end]]
    return (*word[:i], ("cmp", *word[i][:0:-1]), *behind, *word[end:])


def written(word):
    """Return a program with the smaller cell first in each comparison."""
    for i, (mnemonic, a, b) in enumerate(word):
        if mnemonic == "cmp" and a > b:
            word = exchanged(word, i)
    return word


def members(word):
    """Return a program with its comparisons either way round."""
    found = {word}
    for i, (mnemonic, *_) in enumerate(word):
        if mnemonic == "cmp":
            found |= {exchanged(other, i) for other in found}
    return found


def differs_in_one(old, new):
    return sum(a != b for a, b in zip(old, new, strict=True)) == 1


def edited(word):
    """Yield what a plain edit that keeps the length makes of a program."""
    for i, old in enumerate(word):
        for new in filter(lambda new: differs_in_one(old, new), ALL):
            yield (*word[:i], new, *word[i + 1 :])
        if i + 1 < len(word):
            yield (*word[:i], word[i + 1], old, *word[i + 2 :])


def dropped(word):
    return (word[:i] + word[i + 1 :] for i in range(len(word)))


def results(word, edit):
    """Return the right programs that an edit makes, whichever way round comparisons are written."""
    made = {written(new) for member in members(word) for new in edit(member)}
    return {new for new in made - {word} if is_right(new)}


@pytest.fixture(scope="module")
def graph():
    return lengths(PROBLEM, 6)


@pytest.fixture(scope="module")
def space(graph):
    return Space.of(graph.search.universe)


@pytest.fixture(scope="module")
def catalogues(graph, space):
    return {length: Catalogue(space, graph.all(length)) for length in (4, 5, 6)}


@pytest.fixture(scope="module")
def levels(graph, catalogues):
    found, shorter = {}, None
    for length, catalogue in catalogues.items():
        found[length], links = whole_level(catalogue, graph.turned, shorter)
        shorter = catalogue, links
    return found


def words(catalogue):
    """Return the programs of a catalogue as the oracle writes them."""
    listed = catalogue.space.instructions
    return [
        tuple((listed[q][0].mnemonic, *listed[q][1]) for q in program)
        for program in catalogue.programs
    ]


def test_kernels_of_a_length_are_all_programs_that_the_oracle_finds_right(catalogues):
    layer = {START: [()]}
    listed = [(m, a, b) for m, a, b in ALL if m != "cmp" or a < b]
    for length in range(6):
        right = {w for s, ws in layer.items() if all(c[:2] == t for c, _, t in s) for w in ws}
        if length in catalogues:
            assert set(words(catalogues[length])) == right
            assert len(catalogues[length].programs) == len(right)
        following = {}
        for (state, ways), instruction in product(layer.items(), listed):
            after = naive.apply(instruction, state, True, True)
            if after is not None and all({*t} <= {*c} for c, _, t in after):
                following.setdefault(after, []).extend((*way, instruction) for way in ways)
        layer = following


def test_counts_are_those_of_the_lists_and_of_all_shortest_kernels(graph, catalogues):
    assert [graph.count(length) for length in range(4)] == [0] * 4
    for length, catalogue in catalogues.items():
        assert graph.count(length) == len(np.unique(catalogue.programs, axis=0))
    assert graph.count(4) == optima(PROBLEM, 4).count


@pytest.mark.parametrize(
    ("problem", "length", "counts"),
    [
        (problem_of(3, conditions=("l", "g")), 11, [2026, 329_872]),
        (Problem(3, X86_MINMAX), 8, [302]),
    ],
)
def test_shortest_kernels_of_three_keys_are_counted_as_elsewhere(problem, length, counts):
    found = lengths(problem, length + len(counts) - 1)
    assert [found.count(length + k) for k in range(len(counts))] == counts
    space = Space.of(found.search.universe)
    for program in found.all(length)[:: counts[0] // 5]:
        kernel = space.kernel(program)
        assert isinstance(verify(kernel, methods=(WEAK_ORDERS,)).verdict, Proved)


def test_kernels_are_drawn_evenly_and_by_the_seed(graph, catalogues):
    drawn = graph.draw(5, 2_800, seed=1)
    times = np.bincount(catalogues[5].find(drawn), minlength=280)
    assert times.sum() == 2_800
    assert (times > 0).all()
    assert ((times - 10) ** 2 / 10).sum() < 400  # chi square, 279 degrees of freedom
    assert np.array_equal(graph.draw(5, 2_800, seed=1), drawn)
    assert not np.array_equal(graph.draw(5, 2_800, seed=2), drawn)


@pytest.mark.parametrize("length", [4, 5])
def test_neighbours_are_what_plain_edits_make(catalogues, length):
    catalogue = catalogues[length]
    known, links = words(catalogue), catalogue.links(catalogue)
    for i, word in enumerate(known):
        ends = links.ends[links.first[i] : links.first[i + 1]]
        assert {known[end] for end in ends} == results(word, edited)
        assert len(set(ends)) == len(ends)


def test_a_kernel_drops_what_it_can_without(catalogues):
    long, short = catalogues[5], catalogues[4]
    known, links = words(short), long.links(short)
    for i, word in enumerate(words(long)):
        ends = links.ends[links.first[i] : links.first[i + 1]]
        assert {known[end] for end in ends} == results(word, dropped)


def parts_of(nodes, neighbours):
    """Return the parts into which `nodes` fall, and the least edits between any two of one."""
    left, parts, far = set(nodes), [], 0
    for root in nodes:
        reached, edge, steps = {root}, {root}, 0
        while edge := {b for a in edge for b in neighbours[a]} - reached:
            reached, steps = reached | edge, steps + 1
        far = max(far, steps)
        if root in left:
            parts.append(reached)
            left -= reached
    return parts, far


def test_parts_diameters_and_dead_ends_are_as_the_oracle_finds_them(catalogues, levels):
    known = words(catalogues[5])
    neighbours = {word: results(word, edited) for word in known}
    parts, far = parts_of(known, neighbours)
    level = levels[5]
    assert level.parts.sizes == tuple(sorted(map(len, parts), reverse=True))
    assert level.parts.diameter == far
    ends = {word for word in known if results(word, dropped)}
    assert level.drops[0] == len(ends)
    assert level.local_minima == pytest.approx(1 - len(ends) / len(known))
    assert level.parts.without_drop == sum(not part & ends for part in parts)
    assert level.dead_ends == sum(len(p) for p in parts if not p & ends) / len(known)
    assert level.drops[1] == sum(bool(neighbours[w] & ends) for w in known if w not in ends)


def test_shorter_kernels_are_joined_through_longer_ones_where_dropping_leads_to_both(
    catalogues, levels
):
    short, known = words(catalogues[4]), words(catalogues[5])
    neighbours = {word: results(word, edited) for word in (*short, *known)}
    for word in known:
        for less in results(word, dropped):
            neighbours[word] = neighbours[word] | {less}
            neighbours[less] = neighbours[less] | {word}
    parts, _ = parts_of([*short, *known], neighbours)
    assert levels[5].parts.joined == sum(bool(part & set(short)) for part in parts)


def test_classes_are_those_of_reordering_and_of_reversing_the_keys(catalogues, levels):
    def independent(a, b):
        def uses(i):
            reads = {i[2]} if i[0] == "mov" else {i[1], i[2]}
            flags = {"flags"} if i[0].startswith("cmov") else set()
            return reads | flags, {"flags"} if i[0] == "cmp" else {i[1]}

        (reads, writes), (reads_too, writes_too) = uses(a), uses(b)
        return not (writes & (reads_too | writes_too) or reads & writes_too)

    def reordered(word):
        for i, (a, b) in enumerate(pairwise(word)):
            if independent(a, b):
                yield (*word[:i], b, a, *word[i + 2 :])

    def reversed_(word):
        to = (1, 0, 2)  # the greatest comes first, so the cells change places; conditions too
        return written(tuple((OTHER.get(m, m), to[d], to[s]) for m, d, s in word))

    assert not any(c == d for c, d in levels[5].parts.edges)
    known = words(catalogues[5])
    assert {reversed_(word) for word in known} == set(known)
    near = {word: set(reordered(word)) for word in known}
    assert levels[5].orders == len(parts_of(known, near)[0])
    near = {word: near[word] | {reversed_(word)} for word in known}
    assert levels[5].classes == len(parts_of(known, near)[0])


def test_a_level_drawn_is_a_level_listed_where_both_can_be(space, catalogues, levels):
    whole, drawn = levels[5], drawn_level(space, catalogues[5].programs, 280, shortest=False)
    assert (drawn.neighbours, drawn.alone) == (whole.neighbours, whole.alone)
    assert drawn.drops == whole.drops[: FAR + 1]
    assert drawn.parts is drawn.dead_ends is None


def test_levels_do_not_depend_on_the_number_of_threads(graph, space):
    for threads in (1, 3):
        budget = Budget(threads=threads)
        again = lengths(PROBLEM, 6, budget)
        assert np.array_equal(again.all(6), graph.all(6))
        catalogue = Catalogue(space, again.all(6))
        links = catalogue.links(catalogue, budget)
        if threads == 1:
            first = links
        assert np.array_equal(links.ends, first.ends)
        assert np.array_equal(links.first, first.first)


def test_shortest_kernels_drawn_from_the_search_are_shortest_kernels(catalogues):
    count, universe, drawn = draw_shortest(PROBLEM, 4, 40, seed=0)
    assert count == 8
    found = Catalogue(Space.of(universe), drawn)
    assert set(words(found)) == set(words(catalogues[4]))


def test_minima_and_maxima_have_a_landscape_without_comparisons():
    universe = build(Problem(2, X86_MINMAX))
    space = Space.of(universe)
    assert len(space.instructions) == len(universe.instructions)
    graph = lengths(Problem(2, X86_MINMAX), 4)
    level, _ = whole_level(Catalogue(space, graph.all(3)), graph.turned, None)
    assert level.count == graph.count(3)
