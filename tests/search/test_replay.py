"""From canonical states back to kernels: the same program in one fixed naming."""

from random import Random

import engines
import naive
import numpy as np
import pytest
from engines import SILENT_OVERFLOW, SMALL, complete, engine, name_of, question
from toys import EXTREMA, SELECTS

from sortopt.model.isa import Action
from sortopt.model.verdict import Proved
from sortopt.search.exhaustive.replay import (
    as_listed,
    kernel_of,
    output_cells,
    replay,
)
from sortopt.search.space.universe import instructions_of
from sortopt.targets import X86_CMOV
from sortopt.verify import verify

pytestmark = [pytest.mark.filterwarnings(SILENT_OVERFLOW), pytest.mark.jit_off]


def found_path(problem, limit):
    built = engine(problem)
    search = complete(built, limit)
    chain = list(search.chain(*search.goal()))[::-1]
    return built, chain, *replay(built.universe, built.model, chain)


@pytest.mark.parametrize("name", ["in place", "anywhere", "one condition", "two scratch cells"])
def test_replay_passes_through_the_classes_of_the_chain(name):
    built, chain, instructions, final = found_path(SMALL[name], 4)
    symmetry = engines.group(SMALL[name])[1]
    state = built.universe.start
    for q, wanted in zip(instructions, chain[1:], strict=True):
        state = np.unique(built.universe.step[state, q])
        assert engines.canonical_form(state.tolist(), symmetry) == tuple(wanted.tolist())
    assert (state == final).all()


@pytest.mark.parametrize("name", ["in place", "anywhere", "one condition", "six conditions"])
def test_a_path_makes_a_kernel_that_both_proofs_accept(name):
    built, _, instructions, final = found_path(SMALL[name], 4)
    kernel = kernel_of(built.universe, instructions, output_cells(built.universe, final))
    assert isinstance(verify(kernel).verdict, Proved)
    if SMALL[name].in_place:
        assert kernel.contract.outputs == kernel.contract.inputs == (0, 1)


def test_replay_refuses_a_chain_that_no_instruction_continues():
    built, chain, _, _ = found_path(question(2), 4)
    with pytest.raises(AssertionError, match="without an instruction"):
        replay(built.universe, built.model, [chain[0], chain[3]])


def test_output_cells_are_the_first_choice_of_distinct_cells():
    universe = engine(question(2, in_place=False)).universe
    number_of = {engines.assignment(universe, a): a for a in range(universe.size)}

    def chosen(*assignments):
        return output_cells(universe, np.array([number_of[a] for a in assignments]))

    assert chosen(((1, 2, 1), None, (1, 2))) == (0, 1)
    assert chosen(((1, 2, 1), None, (1, 2)), ((2, 2, 1), None, (1, 2))) == (2, 1)
    assert chosen(((1, 1, None), None, (1, 1))) == (0, 1)
    with pytest.raises(ValueError, match="not a goal"):
        chosen(((1, 2, 1), None, (1, 2)), ((2, 1, None), None, (1, 2)))


def test_renaming_to_the_order_of_the_inputs_can_be_left_out():
    universe = engine(question(2)).universe
    instructions = universe.instructions
    word = [("mov", 2, 0), ("cmp", 0, 1), ("cmovl", 0, 1), ("cmovl", 1, 2)]
    path = [instructions.index((X86_CMOV.form(m), (d, s))) for m, d, s in word]
    plain = kernel_of(universe, path, (1, 0), in_order=False)
    assert engines.program(plain, X86_CMOV.registers) == tuple(word)
    assert plain.contract.outputs == (1, 0)
    renamed = kernel_of(universe, path, (1, 0))
    assert renamed.contract.outputs == (0, 1)
    assert engines.program(renamed, X86_CMOV.registers) == (
        ("mov", 2, 1), ("cmp", 0, 1), ("cmovg", 1, 0), ("cmovg", 0, 2),
    )  # fmt: skip
    assert isinstance(verify(plain).verdict, Proved)
    assert isinstance(verify(renamed).verdict, Proved)


def test_contract_repeats_what_the_problem_grants():
    for problem, assume in (
        (question(2, assume="a!=b", distinct=True), "a != b"),
        (question(2, distinct=True), "a != b"),
        (question(2, assume="a<=b"), "a <= b"),
        (question(2), ""),
    ):
        kernel = kernel_of(engine(problem).universe, [], (0, 1))
        assert str(kernel.contract.assume) == assume


@pytest.mark.parametrize("conditions", ["l,g", "l,g,le,ge", "b,a,e,ne"])
def test_listed_instructions_with_ordered_comparisons_do_the_same(conditions):
    problem = question(2, conditions)
    forms = {form.mnemonic: form for form in problem.forms}
    selects = [f.mnemonic for f in problem.forms if f.action is Action.SELECT]
    word = [("mov", 2, 0), ("cmp", 1, 0)]
    word += [(mnemonic, d, 1) for mnemonic in selects for d in (0, 2)]
    word += [("cmp", 0, 2), (selects[0], 0, 2), ("cmp", 2, 1), (selects[1], 1, 2)]
    written = as_listed(problem, [(forms[m], (d, s)) for m, d, s in word])
    after = [(form.mnemonic, *cells) for form, cells in written]
    assert all(d < s for m, d, s in after if m == "cmp")
    assert [m == "cmp" for m, _, _ in after] == [m == "cmp" for m, _, _ in word]
    for order in naive.weak_orders(2):
        cells = {0: order[0], 1: order[1], 2: 9}
        assert naive.execute(word, cells, "=") == naive.execute(after, cells, "=")


@pytest.mark.parametrize(
    "problem",
    [
        question(2, isa=EXTREMA),
        question(2, "lt,le", isa=SELECTS),
        question(2, "lt,gt,le,ge", isa=SELECTS),
    ],
    ids=name_of,
)
def test_listed_instructions_of_three_operands_do_the_same(problem):
    listed = instructions_of(problem)
    forms = [form for form in problem.forms if len(form.operands) == 3]
    for seed in range(20):
        random = Random(seed)
        word = [(form, tuple(random.choices(range(3), k=3))) for form in random.choices(forms, k=4)]
        if problem.conditions:
            word.insert(0, (problem.isa.form("cmp"), tuple(random.sample(range(3), 2))))
        written = as_listed(problem, word)
        assert all(w in listed or len({*w[1][1:]}) == 1 for w in written)
        for order in naive.weak_orders(2):
            cells = {0: order[0], 1: order[1], 2: 9}
            done = [
                naive.execute([(form.mnemonic, *operands) for form, operands in each], cells, "=")
                for each in (word, written)
            ]
            assert done[0] == done[1]


def test_inputs_are_symmetric_unless_something_orders_them():
    assert question(3).symmetric_inputs
    assert question(3, goal="min", distinct=True).symmetric_inputs
    assert not question(3, assume="a<b").symmetric_inputs
    assert not question(3, goal="merge:1,2").symmetric_inputs
