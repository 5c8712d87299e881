from itertools import pairwise

import networkx as nx
import pytest
from kernels_by_hand import (
    ALPHADEV3,
    ALPHADEV4,
    ALPHADEV5,
    IN_MEMORY3,
    MEDIAN3,
    MINMAX3,
    SORT2,
    compact,
)
from toys import SORT2_EXTREMA, SORT2_SELECTS

from sortopt.model.dataflow import (
    ENTRY,
    FLAGS,
    commute,
    critical_path,
    dead_instructions,
    liveness,
    orderings,
    producers,
)
from sortopt.model.interpreter import run
from sortopt.model.kernel import Instr, build
from sortopt.model.orders import weak_orders
from sortopt.targets import X86_CMOV


def one_cycle(_):
    return 1.0


def dependency_graph(kernel):
    """Return the graph of true dependencies.

    Nodes are ENTRY, the indices of the instructions, and len(kernel) for the exit; an edge i -> j
    says that j reads what i wrote, its attribute `resources` the cells (or FLAGS) concerned.
    """
    graph = nx.DiGraph()
    graph.add_nodes_from(range(ENTRY, len(kernel) + 1))
    for consumer, sources in enumerate(producers(kernel)):
        for producer in sorted(set(sources.values())):
            carried = frozenset(r for r, made_by in sources.items() if made_by == producer)
            graph.add_edge(producer, consumer, resources=carried)
    return graph


def test_producers_of_sort2_are_the_last_writers():
    # mov t,a; cmp b,a; cmovl a,b; cmovl b,t with cells a=0, b=1, t=2
    assert producers(SORT2) == (
        {0: ENTRY},
        {1: ENTRY, 0: ENTRY},
        {1: ENTRY, 0: ENTRY, FLAGS: 1},
        {2: 0, 1: ENTRY, FLAGS: 1},
        {0: 2, 1: 3},
    )


def test_graph_has_an_edge_for_every_producer_and_runs_forward():
    graph = dependency_graph(ALPHADEV5)
    assert all(producer < consumer for producer, consumer in graph.edges)
    assert set(graph.edges) == {
        (producer, consumer)
        for consumer, sources in enumerate(producers(ALPHADEV5))
        for producer in sources.values()
    }


def test_edges_name_the_cells_and_flags_they_carry():
    graph = dependency_graph(SORT2)
    assert graph.edges[1, 2]["resources"] == {FLAGS}
    assert graph.edges[0, 3]["resources"] == {2}


def test_inputs_are_live_on_entry_and_outputs_on_exit():
    for kernel in (SORT2, ALPHADEV3, ALPHADEV5, MINMAX3):
        points = liveness(kernel)
        assert len(points) == len(kernel) + 1
        assert points[0].cells == set(kernel.contract.inputs)
        assert not points[0].flags
        assert points[-1].cells == set(kernel.contract.outputs)


def test_flags_are_live_between_a_comparison_and_its_last_use():
    assert [point.flags for point in liveness(SORT2)] == [False, False, True, True, False]


def test_a_comparison_nobody_reads_and_an_overwritten_move_are_dead():
    kernel = compact("m31 c12 m32 c21 m31 l12 l23", "12", "12")
    assert dead_instructions(kernel) == (0, 1, 2)
    assert dead_instructions(ALPHADEV5) == ()


def test_three_operands_read_what_the_form_says():
    """cmp a,b; cselgt s,b,a; cselgt b,a,b"""
    a, b, s = 0, 1, 2
    assert [cell.name for cell in SORT2_SELECTS.cells] == ["a", "b", "s"]
    keys = {a: ENTRY, b: ENTRY}
    selected = keys | {FLAGS: 0}
    assert producers(SORT2_SELECTS) == (keys, selected, selected, {s: 1, b: 2})
    assert critical_path(SORT2_SELECTS, one_cycle) == (2.0, (0, 1))
    assert critical_path(SORT2_EXTREMA, one_cycle) == (2.0, (0, 2))


def test_critical_path_of_sort2_is_comparison_then_move():
    length, chain = critical_path(SORT2, one_cycle)
    assert length == 2.0
    assert chain in ((0, 3), (1, 2), (1, 3))


def test_critical_path_follows_the_latencies():
    slow_move = {"mov": 5.0, "cmp": 1.0, "cmovl": 1.0}
    assert critical_path(SORT2, lambda i: slow_move[i.form.mnemonic]) == (6.0, (0, 3))


def test_critical_path_is_the_longest_path_of_the_dependency_graph():
    for kernel in (SORT2, ALPHADEV3, ALPHADEV5, MINMAX3, SORT2_EXTREMA, SORT2_SELECTS):
        graph = dependency_graph(kernel)
        graph.remove_nodes_from(set(graph) - nx.ancestors(graph, len(kernel)) - {len(kernel)})
        cycles = {i: 1 + i % 3 for i in range(len(kernel))}
        for producer, _, edge in graph.edges(data=True):
            edge["weight"] = cycles.get(producer, 0)
        wanted = nx.dag_longest_path_length(graph)
        index = {id(instruction): i for i, instruction in enumerate(kernel.instructions)}
        length, chain = critical_path(kernel, lambda i, at=index, c=cycles: c[at[id(i)]])
        assert length == wanted == sum(cycles[i] for i in chain)
        assert all(edge in graph.edges for edge in pairwise(chain))


def test_critical_path_ignores_what_reaches_no_output():
    kernel = compact("m31 c12 m43 m34 m43 m34 c21 m31 l12 l23", "12", "12")
    assert critical_path(kernel, one_cycle)[0] == 2.0


def test_kernel_without_instructions_has_no_path():
    empty = build(X86_CMOV, [], inputs=["eax"], outputs=["eax"])
    assert critical_path(empty, one_cycle) == (0.0, ())
    assert dead_instructions(empty) == ()


def test_every_ordering_does_the_same_with_the_same_instructions():
    both = (SORT2_EXTREMA, SORT2_SELECTS)
    for kernel in (SORT2, ALPHADEV3, ALPHADEV4, MINMAX3, IN_MEMORY3, MEDIAN3, *both):
        for other in orderings(kernel, 20, seed=3):
            assert sorted(map(words(other), other.instructions)) == sorted(
                map(words(kernel), kernel.instructions)
            )
            assert all(run(other, order) == run(kernel, order) for order in weak_orders(kernel.n))


def words(kernel):
    """Return a function from an instruction to its mnemonic and the names of its cells."""
    return lambda i: (i.form.mnemonic, *(kernel.cells[c].name for c in i.operands))


def test_orderings_differ_where_they_can_and_repeat_by_seed():
    found = list(orderings(ALPHADEV5, 30))
    assert len({kernel.instructions for kernel in found}) > 20
    assert found == list(orderings(ALPHADEV5, 30))


def test_an_ordering_may_number_scratch_anew():
    two_scratch = compact("m31 m42 l31 l42 m13 m24", "12", "12")
    assert len({kernel.cells for kernel in orderings(two_scratch, 30)}) == 2


@pytest.mark.parametrize(
    ("first", "second", "free"),
    [
        (("mov", 0, 1), ("mov", 2, 3), True),
        (("mov", 0, 1), ("mov", 2, 1), True),
        (("mov", 0, 1), ("mov", 1, 2), False),
        (("mov", 0, 1), ("mov", 2, 0), False),
        (("mov", 0, 1), ("mov", 0, 2), False),
        (("cmp", 0, 1), ("mov", 2, 0), True),
        (("cmp", 0, 1), ("mov", 0, 2), False),
        (("cmp", 0, 1), ("cmp", 0, 2), False),
        (("cmp", 0, 1), ("cmovl", 2, 3), False),
        (("cmovl", 2, 3), ("cmp", 0, 1), False),
        (("cmovl", 0, 1), ("cmovg", 2, 3), True),
        (("cmovl", 0, 1), ("cmovg", 2, 0), False),
    ],
)
def test_neighbours_commute_unless_one_writes_what_the_other_uses(first, second, free):
    one, other = (Instr(X86_CMOV.form(name), tuple(cells)) for name, *cells in (first, second))
    assert commute(one, other) == commute(other, one) == free
