"""Floating-point keys: both proofs against real numbers, the processor, and what is said of NaN."""

import math
from itertools import product

import naive
import numpy as np
import pytest
from compiled import skip_unless_run_here
from hypothesis import given, settings
from hypothesis import strategies as st

from sortopt.base import InputError
from sortopt.formats import parse
from sortopt.model import (
    ALWAYS,
    FLOAT_TYPES,
    HIGHER,
    NAN,
    Place,
    Proved,
    Refuted,
    Rung,
    for_keys,
    parse_precondition,
    with_nan,
)
from sortopt.model.kernel import build
from sortopt.native import execute
from sortopt.networks import best, lower
from sortopt.objects import read
from sortopt.targets import ISAS, X86_FLOAT, X86_MINMAX
from sortopt.verify import elements, numbers_in, smt_elements, verify, with_nan_among

AVX = ISAS["x86-avx-float"]
FLOATS = [X86_FLOAT, AVX]
ARM = [ISAS["aarch64-float"], ISAS["aarch64-float-nm"]]
KEPT = "movaps s a; minps a b; maxps b s"
LOST = "movaps s a; minps s b; maxps a b"


def kernel(program, inputs="ab", outputs="ab", isa=X86_FLOAT):
    lines = [line.split() for line in program.split(";")]
    return build(isa, [(isa.form(word), tuple(cells)) for word, *cells in lines],
                 inputs=inputs, outputs=outputs)  # fmt: skip


@st.composite
def programs(draw):
    """Draw a kernel that reads no scratch before it is written; it need not sort anything."""
    isa = draw(st.sampled_from([*FLOATS, *ARM]))
    n = draw(st.integers(2, 3))
    bits = draw(st.sampled_from(isa.key_bits))
    forms = [
        f
        for f in isa.forms.values()
        if f.bits in (None, bits) and f.admits([Place.VECTOR] * len(f.operands))
    ]
    written, program = [*"abc"[:n]], []
    for form in draw(st.lists(st.sampled_from(forms), max_size=7)):
        operands = [draw(st.sampled_from(written)) for _ in form.operands]
        if 0 not in form.arguments:
            operands[0] = draw(st.sampled_from([*"abc"[:n], "s"]))
            written += [operands[0]]
        program.append((form, tuple(operands)))
    given = (
        parse_precondition(draw(st.sampled_from(["a<=b", "b<a"])))
        if draw(st.booleans())
        else ALWAYS
    )
    return build(isa, program, inputs="abc"[:n], outputs="abc"[:n]).assuming(given)


@pytest.mark.parametrize("rung", HIGHER)
@settings(max_examples=60, deadline=None)
@given(kernel=programs())
def test_both_proofs_agree_with_what_happens_to_real_numbers(rung, kernel):
    wanted = "refuted" if naive.breaks(kernel, str(rung)) else "proved"
    assert elements.check(kernel, rung).name == wanted
    assert smt_elements.check(kernel, rung).name == wanted


@pytest.mark.parametrize("check", [elements.check, smt_elements.check])
@pytest.mark.parametrize("program", [LOST, LOST.replace("ps ", "pd ").replace("apd", "aps")])
def test_of_two_zeros_one_is_doubled_in_the_other_operand_order(program, check):
    found = kernel(program, outputs="sa")
    assert isinstance(verify(found).verdict, Proved)
    for rung in HIGHER:
        verdict = check(found, rung)
        assert isinstance(verdict, Refuted)
        assert verdict.counterexample.lacks is rung
        assert verdict.counterexample.elements == (1, 1)


@pytest.mark.parametrize("isa", FLOATS, ids=lambda isa: isa.name)
@pytest.mark.parametrize("n", [2, 3, 4])
def test_networks_are_lowered_so_that_they_keep_every_number_and_nan(isa, n):
    lowered = lower(best(n), isa)
    for rung in (Rung.ELEMENTS, Rung.SAFE):
        assert isinstance(verify(lowered.keeping(rung)).verdict, Proved)


@pytest.mark.parametrize("program", [KEPT, LOST], ids=["kept", "lost"])
@pytest.mark.parametrize("name", FLOAT_TYPES)
def test_the_processor_does_what_the_orders_say_to_every_bit(program, name):
    """Numbers of all kinds, subnormal ones, infinities, zeros, and NaN, quiet and signaling."""
    skip_unless_run_here(X86_FLOAT)
    bits = FLOAT_TYPES[name].bits
    exponent = {32: 0x7F800000, 64: 0x7FF0000000000000}[bits]
    positive = [0, 1, exponent >> 1, exponent - 1, exponent, exponent + 1, exponent | exponent >> 1]
    patterns = positive + [bit | 1 << (bits - 1) for bit in positive]
    whole = np.array([*product(patterns, repeat=2)], f"uint{bits}")
    text = program.replace("ps ", "pd ").replace("apd", "aps") if bits == 64 else program
    found = kernel(text, outputs="sa" if program is LOST else "ab")
    rows = whole.view(name)
    left = execute(found, rows).view(f"uint{bits}")
    for row, keys, out in zip(whole.tolist(), rows.tolist(), left.tolist(), strict=True):
        assert out == [row[element] for element in naive.ends(found, keys)]
    same = [sorted(row) == sorted(out) for row, out in zip(whole, left, strict=True)]
    assert all(same) == (program is KEPT)


def test_orders_with_nan_are_all_there_is():
    seen = set()
    for keys in product((*naive.NUMBERS[1:-1], math.nan), repeat=3):
        numbers = sorted({key for key in keys if key == key})
        seen.add(tuple(numbers.index(key) + 1 if key == key else NAN for key in keys))
    assert len(set(with_nan(3))) == len([*with_nan(3)])
    assert seen == set(with_nan(3))


def test_what_happens_with_nan_is_said_with_the_least_input():
    assert with_nan_among(kernel(KEPT)).unsorted is None
    assert with_nan_among(kernel(KEPT)).places == (0, 1)
    found = with_nan_among(lower(best(3), X86_FLOAT))
    assert found.unsorted is not None
    keys, out = found.unsorted
    assert sorted(keys) == sorted(out)
    assert keys.count(NAN) == 1
    lost = with_nan_among(kernel(LOST, outputs="sa"))
    assert lost.unsorted == ((NAN, 1), (1, 1))


def test_integers_and_numbers_are_not_taken_for_each_other():
    with pytest.raises(InputError, match="minps reads keys as floating-point numbers, but int32"):
        verify(kernel(KEPT), key="int32")
    integers = lower(best(2), X86_MINMAX)
    with pytest.raises(InputError, match="pminsd reads keys as integers, but float32 keys are"):
        verify(integers, key="float32")
    with pytest.raises(InputError, match="reads keys as integers"):
        for_keys(integers, FLOAT_TYPES["float32"])


def test_scalar_forms_are_read_as_the_packed_ones():
    text = "; inputs: xmm0 xmm1\n; outputs: xmm0 xmm1\nmovapd xmm2, xmm0\nminss xmm0, xmm1\n"
    found = parse(text + "maxss xmm1, xmm2\n").kernel
    assert [i.form.mnemonic for i in found.instructions] == ["movaps", "minps", "maxps"]


def test_other_lanes_of_a_scalar_minimum_are_not_taken_for_sorted(tmp_path):
    """Four keys are loaded, and only the first two of them sorted."""
    text = """
    movsd (%rdi), %xmm0
    movsd 8(%rdi), %xmm1
    movaps %xmm0, %xmm2
    minPs %xmm1, %xmm0
    maxPs %xmm2, %xmm1
    movsd %xmm0, (%rdi)
    movsd %xmm1, 8(%rdi)
"""
    path = tmp_path / "four.s"
    path.write_text(text.replace("P", "p"))
    assert read(path, goal="merge:2,2").kernel.n == 4
    path.write_text(text.replace("P", "s"))
    with pytest.raises(InputError, match="no key that is known"):
        read(path, goal="merge:2,2")


@pytest.mark.parametrize("isa", ARM, ids=lambda isa: isa.name)
@pytest.mark.parametrize("n", [2, 3, 4])
def test_fmin_keeps_both_zeros_but_sorts_them_and_loses_nan_or_the_number(isa, n):
    kernel = lower(best(n), isa)
    assert isinstance(verify(kernel).verdict, Proved)
    found = {rung: verify(kernel.keeping(rung)).verdict for rung in HIGHER}
    assert [each.name for each in found.values()] == ["proved", "refuted", "refuted"]
    shown = numbers_in(found[Rung.STABLE].counterexample)
    assert shown == ["+0", "-0", "+0", "+0"][:n]
    nan = with_nan_among(kernel)
    assert nan.places == (tuple(range(n)) if isa is ARM[0] else ())
    assert nan.unsorted == ((NAN, *[1] * (n - 1)), (NAN,) * n if isa is ARM[0] else (1,) * n)


def test_six_keys_are_kept_by_fmin_where_all_orders_come_out_right():
    kernel = lower(best(6), ARM[0])
    assert elements.check(kernel, Rung.ELEMENTS).name == "proved"
    assert elements.check(kernel, Rung.STABLE).name == "refuted"


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("check", [elements.check, smt_elements.check])
def test_a_zero_is_lost_where_a_precondition_takes_zeros_for_equal(check, many, monkeypatch):
    """Given a <= b, of +0 -0 the greater of a and of the least of b and c is +0, once more."""
    if many:
        monkeypatch.setattr(elements, "BATCH_FROM", 3)
    isa = ARM[0]
    program = [("fmin.4s", "s", "a", "c"), ("fmin.4s", "t", "b", "c"), ("fmax.4s", "u", "a", "t"),
               ("fmax.4s", "c", "b", "c")]  # fmt: skip
    found = build(isa, [(isa.form(word), tuple(cells)) for word, *cells in program],
                  inputs="abc", outputs="suc").assuming(parse_precondition("a<=b"))  # fmt: skip
    assert isinstance(verify(found).verdict, Proved)
    lost = check(found, Rung.ELEMENTS).counterexample
    assert {"-0", "+0"} <= {*numbers_in(lost)}
    strict = found.assuming(parse_precondition("a<b"))
    assert check(strict, Rung.ELEMENTS).name == "proved"


@pytest.mark.parametrize("isa", ARM, ids=lambda isa: isa.name)
@pytest.mark.parametrize("name", FLOAT_TYPES)
def test_aarch64_does_what_the_orders_say_to_every_bit(isa, name):
    """Numbers of all kinds, and quiet NaN, which alone keep their bits."""
    skip_unless_run_here(isa)
    bits = FLOAT_TYPES[name].bits
    exponent = {32: 0x7F800000, 64: 0x7FF0000000000000}[bits]
    quiet = exponent | exponent >> 1
    positive = [0, 1, exponent >> 1, exponent - 1, exponent, quiet, quiet | 1]
    patterns = positive + [bit | 1 << (bits - 1) for bit in positive]
    whole = np.array([*product(patterns, repeat=2)], f"uint{bits}")
    rows = whole.view(name)
    left = execute(for_keys(lower(best(2), isa), FLOAT_TYPES[name]), rows).view(f"uint{bits}")
    kernel = lower(best(2), isa)
    for row, keys, out in zip(whole.tolist(), rows.tolist(), left.tolist(), strict=True):
        assert out == [row[element] for element in naive.ends(kernel, keys)]
