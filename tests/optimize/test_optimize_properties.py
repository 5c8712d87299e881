"""What optimization relies on, on kernels drawn at random; and that it never spoils one."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from kernels_by_hand import ALPHADEV3, MEDIAN3, MINMAX3, SORT2, UNSIGNED2
from strategies import kernels

from sortopt.base import Budget
from sortopt.model.interpreter import trace
from sortopt.model.isa import Action
from sortopt.model.kernel import Instr, rebuild
from sortopt.model.orders import ALWAYS, weak_orders
from sortopt.model.verdict import Proved
from sortopt.networks import best, random_optimal
from sortopt.networks.lowering import lower
from sortopt.optimize import optimize
from sortopt.optimize import window_search as window
from sortopt.optimize.flow import at_entry
from sortopt.optimize.schedule import emit, from_network, schedule
from sortopt.targets import X86_CMOV
from sortopt.verify import orders_check
from sortopt.verify.columns import comparators, execute, fulfils, reachable_orders, space

RIGHT = (SORT2, UNSIGNED2, ALPHADEV3, MEDIAN3, MINMAX3, lower(best(3)))


def is_proved(kernel):
    return isinstance(orders_check.check(kernel), Proved)


@st.composite
def padded(draw):
    """Draw a right kernel with up to four instructions more that change nothing, or nothing live.

    They copy a cell onto itself, repeat an instruction, or write a cell that is dead.
    """
    kernel = draw(st.sampled_from(RIGHT))
    program = list(kernel.instructions)
    copy = next(form for form in kernel.isa.forms.values() if form.action is Action.COPY)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(program) - 1))
        cell, other = (draw(st.integers(0, len(kernel.cells) - 1)) for _ in range(2))
        added = draw(st.sampled_from([program[at], Instr(copy, (cell, other))]))
        longer = [*program[:at], added, *program[at:]]
        if is_proved(rebuild(kernel, longer)):
            program = longer
    return kernel, rebuild(kernel, program)


@settings(max_examples=12, deadline=None)
@given(padded(), st.integers(0, 3))
def test_a_padded_kernel_is_never_spoiled_nor_lengthened(drawn, seed):
    _, kernel = drawn
    lengths = [len(kernel)]

    def check(step):
        assert is_proved(step.kernel)
        lengths.append(len(step.kernel))

    found = optimize(kernel, Budget(3), seed=seed, rounds=0, on_step=check)
    assert lengths == sorted(set(lengths), reverse=True)
    assert lengths[-1] == len(found.kernel)
    assert found.judgement.verdict == Proved()
    assert found.kernel.contract.assume == kernel.contract.assume


def value(column, n, keys):
    """Return what a column holds for `keys`: the greatest key whose threshold it passes."""
    return max(
        t
        for t in {min(keys), *keys}
        if column >> sum((key >= t) << i for i, key in enumerate(keys)) & 1
    )


@given(kernels(most=14))
def test_a_known_column_is_what_the_interpreter_computes(kernel):
    points = execute(kernel)
    for keys in weak_orders(kernel.n):
        for known, step in zip(points, trace(kernel, keys), strict=True):
            for cell, column in known.items():
                assert step.cells[cell] == value(column, kernel.n, keys)


@given(kernels(most=14))
def test_what_columns_prove_is_right(kernel):
    if fulfils(kernel, execute(kernel)[-1]):
        assert is_proved(kernel)


@settings(deadline=None)
@given(st.integers(2, 5), st.integers(0, 9), st.data())
def test_orders_that_occur_are_among_those_called_reachable(n, seed, data):
    kernel = lower(random_optimal(n, seed))
    point = 4 * data.draw(st.integers(0, len(kernel) // 4))
    cells = data.draw(st.permutations(range(n)))[: data.draw(st.integers(1, min(n, 4)))]
    known = execute(kernel)[point]
    reachable = set(reachable_orders(space(n, ALWAYS), [known.get(cell) for cell in cells]))
    for keys in weak_orders(n):
        held = [trace(kernel, keys)[point].cells[cell] for cell in cells]
        ranks = sorted(set(held))
        assert tuple(ranks.index(key) + 1 for key in held) in reachable


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 6), st.integers(0, 20), st.floats(0, 2), st.integers(1, 200))
def test_a_schedule_of_comparators_sorts_and_is_never_longer(n, seed, noise, width):
    network = random_optimal(n, seed)
    plain = lower(network)
    columns = from_network(space(n, ALWAYS), network)
    path = schedule(columns, width=width, noise=noise, seed=seed)
    made = emit(plain, columns, path)
    assert made.contract == plain.contract
    assert is_proved(made)
    assert len(made) <= len(plain) + 1
    assert fulfils(made, execute(made)[-1])
    assert len(comparators(made)) == network.size


@given(kernels(isas=(X86_CMOV,), most=14))
def test_assignments_flow_as_the_interpreter_steps(kernel):
    flow = at_entry(kernel)
    flags = {None: 0, "LESS": 1, "EQUAL": 2, "GREATER": 3}
    for point in range(len(kernel) + 1):
        found = {(*row, flag) for row, flag in zip(flow.rows.tolist(), flow.flags, strict=True)}
        steps = [trace(kernel, keys)[point] for keys in weak_orders(kernel.n)]
        assert found == {
            (*(c or 0 for c in step.cells), flags[step.flags and step.flags.name]) for step in steps
        }
        if point < len(kernel):
            flow = flow.after([kernel.instructions[point]])


@settings(max_examples=30, deadline=None)
@given(kernels(isas=(X86_CMOV,), most=3), st.data())
def test_a_window_search_finds_what_a_known_program_does(kernel, data):
    cells = len(kernel.cells)
    if cells > 3:
        return
    forms = [X86_CMOV.form(name) for name in ("mov", "cmp", "cmovl", "cmovg", "cmovle", "cmovge")]
    known = tuple(
        Instr(X86_CMOV.form(i.form.mnemonic), i.operands)
        for i in kernel.instructions
        if i.form in forms and len(set(i.operands)) == 2
    )
    usable = window.repertoire(
        cells, tuple(Instr(f, (a, b)) for f in forms for a in range(cells) for b in range(cells)
                     if a != b)
    )  # fmt: skip
    ranks = np.array(weak_orders(cells), np.uint8)
    start = usable.codes(ranks, np.zeros(len(ranks), np.uint8)).astype(np.int64)
    states = usable.run(start, known)
    digits = usable.digits
    accepted = (digits[None, :, :-1] == digits[states][:, None, :-1]).all(axis=2)
    if (digits[states][:, :-1] == 0).any():
        return
    found = window.programs(usable, start, accepted, len(known))
    assert len(found) == 1
    assert (digits[usable.run(start, found[0])][:, :-1] == digits[states][:, :-1]).all()
