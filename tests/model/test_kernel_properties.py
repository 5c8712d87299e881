"""Properties that every kernel that can be built has."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import SETS, kernels

from sortopt.base.errors import KernelError
from sortopt.model.kernel import Contract, build


@given(kernels(isas=SETS))
def test_building_a_kernel_again_from_its_names_is_identity(kernel):
    def names(cells):
        return tuple(kernel.cells[c].name for c in cells)

    again = build(
        kernel.isa,
        [(i.form, names(i.operands)) for i in kernel.instructions],
        inputs=names(kernel.contract.inputs),
        outputs=names(kernel.contract.outputs),
    )
    assert again == kernel


@given(kernels(isas=SETS))
def test_inputs_and_scratch_are_all_cells(kernel):
    assert [*kernel.contract.inputs, *kernel.scratch] == list(range(len(kernel.cells)))


@given(kernels(isas=SETS, least=2), st.data())
def test_naming_a_cell_twice_in_the_contract_is_never_accepted(kernel, data):
    inputs = kernel.contract.inputs
    doubled = [*data.draw(st.permutations(inputs)), data.draw(st.sampled_from(inputs))]
    with pytest.raises(KernelError):
        replace(kernel, contract=Contract(inputs, tuple(doubled)))
    with pytest.raises(KernelError):
        replace(kernel, contract=Contract(tuple(doubled), inputs))
