"""The machine code of any kernel does what the interpreter says."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sortopt.model import KEY_TYPES, for_keys
from sortopt.model.interpreter import run
from sortopt.model.isa import Place
from sortopt.model.kernel import build
from sortopt.native import execute
from sortopt.native.process import Process
from sortopt.targets import X86_CMOV, X86_MINMAX


@pytest.fixture(scope="module")
def process():
    with Process() as running:
        yield running


@st.composite
def cases(draw):
    """A kernel, right or wrong, with or without memory operands, and keys of a type for it."""
    isa = draw(st.sampled_from([X86_CMOV, X86_MINMAX]))
    n = draw(st.integers(2, 5))
    cells = isa.registers[: n + draw(st.integers(1, 6))]
    forms = [
        f for f in isa.forms.values() if f.signedness is None or f.signedness.value == "signed"
    ]
    memory = draw(st.sets(st.sampled_from(cells))) if isa is X86_CMOV else set()

    def fits(step):
        form, operands = step
        return sum(o in memory for o in operands) < 2 and all(
            o not in memory or Place.MEMORY in place
            for o, place in zip(operands, form.operands, strict=True)
        )

    cell = st.sampled_from(cells)
    step = st.tuples(st.sampled_from(forms), st.tuples(cell, cell)).filter(fits)
    program = draw(st.lists(step, max_size=20))
    register = Place.VECTOR if isa is X86_MINMAX else Place.REGISTER
    places = {name: Place.MEMORY if name in memory else register for name in cells}
    outputs = draw(st.permutations(cells[:n]))
    kernel = build(isa, program, inputs=cells[:n], outputs=outputs, place_of=places)
    names = [k for k in KEY_TYPES if isa is X86_CMOV or k.endswith("32")]
    key = KEY_TYPES[draw(st.sampled_from(names))]
    value = st.one_of(st.integers(key.least, key.greatest), st.sampled_from([key.least, 0, 1]))
    rows = draw(st.lists(st.lists(value, min_size=n, max_size=n), min_size=1, max_size=8))
    return kernel, np.array(rows, dtype=key.name)


@settings(suppress_health_check=list(HealthCheck))
@given(case=cases())
def test_native_result_equals_the_interpreter_wherever_it_is_defined(process, case):
    kernel, rows = case
    native = execute(kernel, rows, process=process).tolist()
    twin = for_keys(kernel, KEY_TYPES[rows.dtype.name])
    for row, got in zip(rows.tolist(), native, strict=True):
        for value, want in zip(got, run(twin, row), strict=True):
            assert want is None or value == want
