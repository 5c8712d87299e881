"""Both proofs, the vectorised twin and a brute-force oracle agree on kernels drawn at random."""

import naive
import numpy as np
import z3
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from kernels_by_hand import ALPHADEV3, ALPHADEV4, FAILS_ON_TIES, MINMAX3, SORT2, UNSIGNED2
from strategies import SETS, contracts_of_all_kinds, kernels, preconditions
from toys import SORT2_EXTREMA, SORT2_SELECTS, TOYS

from sortopt.base.errors import InputError
from sortopt.model.interpreter import expected, run
from sortopt.model.isa import Order
from sortopt.model.orders import ALWAYS, weak_orders
from sortopt.model.verdict import Proved, Refuted
from sortopt.networks import best, lower
from sortopt.verify import Question, batch, orders_check, smt
from sortopt.verify.explanation import explain
from sortopt.verify.preconditions import failing_orders

SIGN = {-1: Order.LESS, 0: Order.EQUAL, 1: Order.GREATER}


def satisfiable(precondition, n):
    try:
        precondition.check(n)
    except InputError:
        return False
    return True


RIGHT = [
    SORT2, UNSIGNED2, MINMAX3, FAILS_ON_TIES, ALPHADEV3, ALPHADEV4, SORT2_EXTREMA, SORT2_SELECTS,
    *(lower(best(3), toy) for toy in TOYS),
]  # fmt: skip


@st.composite
def nearly_right(draw):
    """Draw a kernel that sorts, with one instruction dropped, doubled or moved, or as it is."""
    kernel = draw(st.sampled_from(RIGHT))
    program = list(kernel.instructions)
    at, to = (draw(st.integers(0, len(program) - 1)) for _ in range(2))
    match draw(st.sampled_from(["drop", "double", "move", "keep"])):
        case "drop":
            del program[at]
        case "double":
            program.insert(to, program[at])
        case "move":
            program.insert(to, program.pop(at))
    try:
        return kernel.with_instructions(program)
    except InputError:  # a cell no longer appears where its number says
        return kernel


ANY = st.one_of(kernels(isas=SETS, least=2, most=8), nearly_right(), contracts_of_all_kinds(most=8))


@given(ANY)
def test_both_proofs_give_the_same_verdict(kernel):
    assume(satisfiable(kernel.contract.precondition, kernel.n))
    assert type(orders_check.check(kernel)) is type(smt.check(kernel))


@settings(max_examples=40)
@given(ANY)
def test_bit_vectors_wide_enough_give_the_verdict_of_integers(kernel):
    assume(satisfiable(kernel.contract.precondition, kernel.n))
    assert type(smt.check(kernel, Question(4))) is type(smt.check(kernel))


@settings(max_examples=60)
@given(ANY)
def test_failing_orders_are_those_of_brute_force(kernel):
    contract = kernel.contract
    runs = kernel.assuming(ALWAYS).contract.precondition
    found = set(failing_orders(kernel))
    assert found == naive.failures(kernel, lambda *keys: runs.holds(keys))
    if satisfiable(contract.precondition, kernel.n):
        fails = any(contract.precondition.holds(keys) for keys in found)
        assert isinstance(orders_check.check(kernel), Refuted if fails else Proved)


@given(ANY, st.sampled_from([orders_check.check, smt.check]))
def test_a_counterexample_fails_with_every_content_it_leaves_open(kernel, check):
    assume(satisfiable(kernel.contract.precondition, kernel.n))
    verdict = check(kernel)
    assume(isinstance(verdict, Refuted))
    found = verdict.counterexample
    assert kernel.contract.precondition.holds(found.inputs)
    assert found.expected == expected(kernel, found.inputs)
    for filler, flags in ((0, Order.LESS), (9, Order.EQUAL), (found.inputs[0], Order.GREATER)):
        scratch = [filler if value is None else value for value in found.scratch]
        outputs = run(kernel, found.inputs, scratch, found.flags or flags)
        assert outputs != found.expected
        assert all(o is None or o == now for o, now in zip(found.outputs, outputs, strict=True))


@given(ANY)
def test_the_least_counterexample_is_no_greater_than_any_failing_order(kernel):
    assume(satisfiable(kernel.contract.precondition, kernel.n))
    verdict = orders_check.check(kernel)
    assume(isinstance(verdict, Refuted))
    told = naive.dense(verdict.counterexample.inputs)
    holds = kernel.contract.precondition.holds
    assert told == min(
        (keys for keys in failing_orders(kernel) if holds(keys)), key=lambda k: (max(k), k)
    )


@given(ANY)
def test_an_explanation_ends_with_the_outputs_of_the_counterexample(kernel):
    assume(satisfiable(kernel.contract.precondition, kernel.n))
    verdict = orders_check.check(kernel)
    assume(isinstance(verdict, Refuted))
    explanation = explain(kernel, verdict.counterexample)
    last = explanation.rows[-1].cells
    assert len(explanation.rows) == len(kernel) + 1
    assert tuple(last[c] for c in kernel.contract.outputs) == verdict.counterexample.outputs
    for before, row in zip(explanation.rows, explanation.rows[1:], strict=False):
        assert sum(row.changed) <= 1
        assert (before.cells != row.cells) == any(row.changed)


@given(ANY)
def test_the_vectorised_twin_is_the_interpreter(kernel):
    orders = weak_orders(kernel.n)
    keys = np.array(orders, np.int8).T
    together = batch.run(kernel, keys)
    for column, order in enumerate(orders):
        alone = tuple(0 if value is None else value for value in run(kernel, order))
        assert tuple(together[:, column]) == alone
        assert tuple(batch.expected(kernel, keys)[:, column]) == expected(kernel, order)


@given(st.integers(1, 5).flatmap(lambda n: st.tuples(st.just(n), preconditions(max(n, 2)))))
def test_weak_orders_in_an_array_are_those_of_the_plain_list(drawn):
    n, precondition = max(drawn[0], 2), drawn[1]
    plain = [order for order in weak_orders(n) if precondition.holds(order)]
    assume(plain)
    array = batch.weak_orders(n, precondition)
    assert [tuple(column) for column in array.T] == plain


@given(preconditions(4))
def test_a_precondition_is_refused_iff_no_weak_order_satisfies_it(precondition):
    admitted = any(precondition.holds(order) for order in weak_orders(4))
    assert satisfiable(precondition, 4) == admitted


@settings(max_examples=40)
@given(ANY, st.sampled_from([None, 4]))
def test_the_smt_lib_text_asks_the_same_question(kernel, bits):
    assume(satisfiable(kernel.contract.precondition, kernel.n))
    solver = z3.Solver()
    solver.from_string(smt.smt_lib(kernel, Question(bits)))
    proved = isinstance(smt.check(kernel, Question(bits)), Proved)
    assert solver.check() == (z3.unsat if proved else z3.sat)
