from hypothesis import given
from hypothesis import strategies as st
from kernels_by_hand import ALPHADEV5, MINMAX3, NETWORK8, SORT2, compact
from strategies import SETS, forms_for

from sortopt.emit.plain import Choice, Less, plain
from sortopt.model.interpreter import run
from sortopt.model.isa import Signedness
from sortopt.model.kernel import build


def evaluate(form, keys):
    """Run the plain form on `keys`."""
    value = {f"k{i}": key for i, key in enumerate(keys)}
    for statement in form.statements:
        match statement:
            case Less(name, left, right):
                value[name] = value[left] < value[right]
            case Choice(name, tests, then, otherwise):
                value[name] = value[then] if any(value[t] for t in tests) else value[otherwise]
    return tuple(value[name] for name in form.outputs)


@st.composite
def kernels(draw):
    """Any kernel of 2 to 4 keys and 2 scratch cells, right or wrong."""
    isa = draw(st.sampled_from(SETS))
    n = draw(st.integers(2, 4))
    cells = isa.registers[: n + 2]
    forms = forms_for(isa, Signedness.SIGNED, isa.key_bits[0])
    cell = st.sampled_from(cells)
    step = st.sampled_from(forms).flatmap(
        lambda form: st.tuples(st.just(form), st.tuples(*[cell] * len(form.operands)))
    )
    program = draw(st.lists(step, max_size=16))
    return build(isa, program, inputs=cells[:n], outputs=cells[:n])


@given(kernels(), st.lists(st.integers(0, 3), min_size=4, max_size=4))
def test_plain_form_equals_the_interpreter_wherever_it_is_defined(kernel, keys):
    keys = keys[: kernel.n]
    for got, want in zip(evaluate(plain(kernel), keys), run(kernel, keys), strict=True):
        assert want is None or got == want


@given(kernels())
def test_every_name_is_assigned_once_before_it_is_read_and_needed(kernel):
    form = plain(kernel)
    known = {f"k{i}" for i in range(kernel.n)}
    read = set(form.outputs)
    for statement in form.statements:
        match statement:
            case Less(_, left, right):
                used = {left, right}
            case Choice(_, tests, then, otherwise):
                used = {*tests, then, otherwise}
        assert used <= known
        assert statement.name not in known
        known.add(statement.name)
        read |= used
    assert set(form.outputs) <= known
    assert known - {f"k{i}" for i in range(kernel.n)} <= read


def test_copies_and_what_nobody_needs_vanish():
    form = plain(compact("m31 c12 m32 c21 m31 l12 l23", "12", "12"))
    assert form == plain(SORT2)
    assert [type(s) for s in form.statements] == [Less, Choice, Choice]


def test_flags_on_entry_are_one_outcome_to_all_conditions():
    """A register written both where they say greater and where not is written."""
    form = plain(compact("g32 L32 c12 g21 g13", "12", "12"))
    assert [evaluate(form, keys) for keys in ((1, 2), (2, 1))] == [(1, 2), (1, 2)]


def test_a_comparison_asked_twice_is_made_once():
    for kernel in (MINMAX3, ALPHADEV5, NETWORK8):
        pairs = [(s.left, s.right) for s in plain(kernel).statements if isinstance(s, Less)]
        assert len(pairs) == len(set(pairs))
