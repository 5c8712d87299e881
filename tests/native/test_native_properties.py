"""The machine code of any kernel does what the interpreter says."""

import numpy as np
import pytest
from compiled import keys_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import forms_for

from sortopt.model import KEY_TYPES, for_keys
from sortopt.model.interpreter import run
from sortopt.model.isa import Place, Signedness
from sortopt.model.kernel import build
from sortopt.native import execute
from sortopt.native.process import Process
from sortopt.native.work import Features
from sortopt.targets import ISAS, X86, X86_CMOV


def isas_here():
    """Return the sets of x86 that this CPU has; what they do to numbers, test_floats looks at."""
    with Process() as process:
        has = process.ask(Features())[2]
    found = [i for i in ISAS.values() if i.machine is X86 and i.feature in (None, *has)]
    return [isa for isa in found if not isa.floating]


ISAS_HERE = isas_here()


@pytest.fixture(scope="module")
def process():
    with Process() as running:
        yield running


@st.composite
def cases(draw):
    """A kernel, right or wrong, with or without memory operands, and keys of a type for it."""
    isa = draw(st.sampled_from(ISAS_HERE))
    n = draw(st.integers(2, 5))
    cells = isa.registers[: n + draw(st.integers(1, 6))]
    forms = forms_for(isa, Signedness.SIGNED, isa.key_bits[0])
    memory = draw(st.sets(st.sampled_from(cells))) if isa is X86_CMOV else set()

    def fits(step):
        form, operands = step
        return sum(o in memory for o in operands) < 2 and all(
            o not in memory or Place.MEMORY in place
            for o, place in zip(operands, form.operands, strict=True)
        )

    cell = st.sampled_from(cells)
    step = st.sampled_from(forms).flatmap(
        lambda form: st.tuples(st.just(form), st.tuples(*[cell] * len(form.operands)))
    )
    step = step.filter(fits)
    program = draw(st.lists(step, max_size=20))
    places = {name: Place.MEMORY if name in memory else isa.place for name in cells}
    outputs = draw(st.permutations(cells[:n]))
    kernel = build(isa, program, inputs=cells[:n], outputs=outputs, place_of=places)
    key = KEY_TYPES[draw(st.sampled_from(keys_of(kernel)))]
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
