"""The interpreter agrees with one written independently, and never sees more than order."""

import naive
from hypothesis import given
from hypothesis import strategies as st
from strategies import SETS, kernels

from sortopt.model.interpreter import LESS_AND_EQUAL, run, trace
from sortopt.model.isa import Order

FLAGS = {"<": Order.LESS, "=": Order.EQUAL, ">": Order.GREATER, naive.BOTH: LESS_AND_EQUAL}
VALUES = st.lists(st.integers(-3, 3), min_size=6, max_size=6)


def naive_outputs(kernel, values, flags):
    cells = [cell.name for cell in kernel.cells]
    before = dict(zip(cells, values, strict=False))
    after = naive.execute(naive.program_of(kernel), before, flags)
    return tuple(after[cells[c]] for c in kernel.contract.outputs)


def outputs(kernel, values, flags):
    return run(kernel, values[: kernel.n], values[kernel.n : len(kernel.cells)], flags)


@given(kernels(isas=SETS), VALUES, st.sampled_from([*FLAGS]))
def test_it_agrees_with_the_naive_interpreter(kernel, values, flags):
    assert outputs(kernel, values, FLAGS[flags]) == naive_outputs(kernel, values, flags)


@given(
    kernels(isas=SETS), VALUES, st.lists(st.tuples(VALUES, st.sampled_from([*FLAGS])), min_size=1)
)
def test_a_known_result_holds_for_every_scratch_content_and_flags(kernel, values, others):
    keys = values[: kernel.n]
    known = run(kernel, keys)
    for scratch, flags in others:
        concrete = naive_outputs(kernel, [*keys, *scratch], flags)
        assert all(k is None or k == c for k, c in zip(known, concrete, strict=True))


@given(kernels(isas=SETS), VALUES, st.sampled_from([*FLAGS]))
def test_a_kernel_sees_only_how_keys_compare(kernel, values, flags):
    images = {value: 10 * value + 3 for value in values}
    mapped = [images[value] for value in values]
    expected = tuple(images[key] for key in outputs(kernel, values, FLAGS[flags]))
    assert outputs(kernel, mapped, FLAGS[flags]) == expected


@given(kernels(isas=SETS), VALUES)
def test_the_last_step_of_a_trace_is_the_result(kernel, values):
    steps = trace(kernel, values[: kernel.n])
    assert len(steps) == len(kernel) + 1
    last = steps[-1]
    assert tuple(last.cells[c] for c in kernel.contract.outputs) == run(kernel, values[: kernel.n])


@given(kernels(isas=SETS), VALUES)
def test_an_instruction_changes_at_most_the_cell_it_writes(kernel, values):
    steps = trace(kernel, values[: kernel.n])
    for instruction, before, after in zip(kernel.instructions, steps[:-1], steps[1:], strict=True):
        changed = {
            c for c, (x, y) in enumerate(zip(before.cells, after.cells, strict=True)) if x != y
        }
        assert changed <= {instruction.writes}
