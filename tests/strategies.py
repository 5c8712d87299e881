"""Hypothesis strategies that several test modules share."""

from hypothesis import strategies as st

from sortopt.isa import X86_CMOV, X86_MINMAX, Signedness
from sortopt.kernel import build

NAMES = "abcdst"


@st.composite
def kernels(draw, *, least=1, isas=(X86_CMOV, X86_MINMAX), most=12):
    """Draw a kernel of `least` to 4 keys, up to two scratch cells, and up to `most` instructions.

    It is valid but need not sort anything; its outputs are its inputs.
    """
    keys = draw(st.integers(least, 4))
    isa = draw(st.sampled_from(isas))
    sign = draw(st.sampled_from(list(Signedness)))
    cells = st.sampled_from([*NAMES[:keys], "s", "t"])
    forms = [form for form in isa.forms.values() if form.signedness in (None, sign)]
    instruction = st.tuples(st.sampled_from(forms), st.tuples(cells, cells))
    program = draw(st.lists(instruction, max_size=most))
    return build(isa, program, inputs=NAMES[:keys], outputs=NAMES[:keys])
