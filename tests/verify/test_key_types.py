"""Keys of a type: a kernel of the other sign is refuted with a witness, by both proofs."""

import pytest
from kernels_by_hand import ALPHADEV3, ALPHADEV4, MINMAX3, SORT2, UNSIGNED2

from sortopt.base.errors import Disagreement, InputError
from sortopt.formats import parse
from sortopt.model.isa import Signedness
from sortopt.model.kernel import build
from sortopt.model.keys import KEY_TYPES, KeyType, key_type
from sortopt.model.verdict import Refuted
from sortopt.targets import X86_CMOV
from sortopt.verify import verify
from sortopt.verify.key_types import (
    as_seen,
    check,
    check_width,
    default_key,
    remark,
    replay,
    splits,
)

SIGNLESS = build(
    X86_CMOV,
    [(X86_CMOV.form(f), c) for f, c in (("cmp", ("a", "b")), ("cmove", ("a", "b")))],
    inputs="ab",
    outputs="ab",
    assume=parse("cmp 1 2\nmov 3 1", assume="a<=b").kernel.contract.assume,
)


def refutation(kernel, key):
    verdict = verify(kernel, key=key).verdict
    assert isinstance(verdict, Refuted)
    return verdict.counterexample


def test_signed_conditions_fail_on_unsigned_keys():
    found = refutation(SORT2, "uint32")
    assert (found.inputs, found.outputs) == ((1, 4294967295), (4294967295, 1))
    assert refutation(SORT2, "uint64").inputs == (1, 2**64 - 1)


def test_unsigned_conditions_fail_on_signed_keys():
    found = refutation(UNSIGNED2, "int32")
    assert found.expected == tuple(sorted(found.inputs))
    assert min(found.inputs) < 0 <= max(found.inputs)
    assert found.outputs != found.expected


@pytest.mark.parametrize(
    ("kernel", "key"),
    [(SORT2, "int32"), (ALPHADEV3, "int64"), (UNSIGNED2, "uint32"), (UNSIGNED2, "uint64")],
)
def test_conditions_of_the_keys_sign_are_proved_as_ever(kernel, key):
    assert verify(kernel, key=key).verdict.name == "proved"


def test_a_kernel_without_signed_conditions_fits_every_type():
    for key in KEY_TYPES:
        assert verify(SIGNLESS, key=key).verdict.name == "proved"


def test_both_proofs_refute_a_misread_type():
    methods = verify(ALPHADEV4, key="uint64").methods
    assert [m.verdict.name for m in methods] == ["refuted", "refuted"]
    for method in methods:
        found = method.verdict.counterexample
        assert found.expected == tuple(sorted(found.inputs))
        assert all(0 <= key < 2**64 for key in found.inputs)


def test_a_kernel_that_is_wrong_anyway_is_refuted_as_ever():
    broken = SORT2.with_instructions(SORT2.instructions[:1] * 4)
    assert verify(broken, key="uint32").verdict == verify(broken).verdict


@pytest.mark.parametrize("signed", [True, False])
def test_splits_are_the_ways_to_draw_a_line_through_a_weak_order(signed):
    key = KeyType("test", 4, Signedness.SIGNED if signed else Signedness.UNSIGNED)
    ways = list(splits((2, 1, 2, 3), key))
    assert len(set(ways)) == len(ways) == 4
    for keys in ways:
        assert keys[0] == keys[2]
        assert keys[1] < keys[0] < keys[3]
        assert min(keys) >= (-8 if signed else 0)
        assert max(keys) <= (7 if signed else 15)
    assert len({sum(key.seen(k) == k for k in keys) for keys in ways}) == 4


def test_an_output_that_depends_on_scratch_is_no_proof():
    kernel = build(
        X86_CMOV,
        [(X86_CMOV.form(f), c) for f, c in (("cmovl", ("a", "s")),)],
        inputs="a",
        outputs="a",
    )
    assert check(kernel, KEY_TYPES["uint32"]).name == "unknown"


def test_replay_refuses_what_does_not_fail():
    with pytest.raises(Disagreement):
        replay(SORT2, KEY_TYPES["uint32"], (1, 2))


def test_a_counterexample_is_shown_as_the_kernel_sees_it():
    found = as_seen(refutation(SORT2, "uint32"), KEY_TYPES["uint32"])
    assert (found.inputs, found.outputs, found.expected) == ((1, -1), (-1, 1), (1, -1))
    said = remark(KEY_TYPES["uint32"], SORT2, refutation(SORT2, "uint32"))
    assert said == "cmovl reads keys as signed, so it takes 4294967295 for -1"


def test_default_type_is_told_by_width_and_conditions():
    assert default_key(SORT2, 32) == "int32"
    assert default_key(UNSIGNED2, 64) == "uint64"
    assert default_key(SORT2, None) is None
    assert default_key(SIGNLESS, 32) is None


def test_type_must_be_known_and_fit_the_operands():
    with pytest.raises(InputError, match="unknown key type 'int128'; use int32"):
        key_type("int128")
    with pytest.raises(InputError, match="int64 keys have 64 bits, but the kernel works on 32"):
        check_width(KEY_TYPES["int64"], SORT2, 32)
    check_width(KEY_TYPES["int32"], MINMAX3, 128)
    check_width(KEY_TYPES["int64"], SORT2, None)


def test_mixed_conditions_are_named():
    text = "; inputs: eax ecx\n; outputs: eax ecx\ncmp eax, ecx\ncmovl eax, ecx\ncmova ecx, eax\n"
    with pytest.raises(InputError, match="cmova reads keys as unsigned, but cmovl before it"):
        parse(text)
