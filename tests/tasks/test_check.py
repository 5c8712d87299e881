"""What commands call: a file goes in, a verdict and its explanation come out."""

import pytest
from places import KERNELS

from sortopt import api
from sortopt.base.errors import InputError
from sortopt.model.verdict import Proved, Unknown
from sortopt.objects import Reading
from sortopt.tasks import explain_file, verify_file

SORT3 = KERNELS / "alphadev" / "sort3.asm"
MOVELESS = KERNELS / "claim" / "without-mov.asm"


def test_a_proved_file_has_no_explanation():
    found = verify_file(SORT3)
    assert found.judgement.verdict == Proved()
    assert (found.explanation, found.mends) == (None, ())


def test_a_refuted_file_is_explained():
    found = verify_file(MOVELESS)
    assert found.explanation.sentence.startswith("output 2 (ecx) holds 2 where 1 belongs")
    assert found.mends == ()


def test_how_to_read_a_file_overrides_what_it_says():
    found = verify_file(MOVELESS, Reading(assume="b<c"))
    assert str(found.file.kernel.contract.assume) == "b < c"
    assert found.judgement.verdict == Proved()


def test_an_explained_file_names_what_would_mend_it():
    found = explain_file(MOVELESS)
    assert [str(mend) for mend in found.mends] == ["b < c"]
    assert explain_file(SORT3).mends == ()


def test_a_large_kernel_is_explained_without_a_search_for_what_would_mend_it(tmp_path):
    names = "eax ecx edx ebx esi"
    path = tmp_path / "nothing.asm"
    path.write_text(f"; inputs: {names}\n; outputs: {names}\nmov edi, eax\n")
    found = explain_file(path)
    assert found.judgement.verdict.counterexample.inputs == (1, 1, 1, 2, 1)
    assert found.mends == ()


def test_time_is_shared_by_the_proofs():
    verdict = verify_file(SORT3, timeout=1e-9).judgement.verdict
    assert isinstance(verdict, Unknown)


def test_parse_reads_every_dialect():
    intel = api.parse("mov edx, eax", inputs="eax ecx", outputs="eax edx")
    att = api.parse("movl %eax, %edx", inputs="%eax %ecx", outputs="%eax %edx")
    assert intel == att


def test_parse_names_the_fault():
    with pytest.raises(InputError, match="unknown mnemonic 'mvo'"):
        api.parse("mvo edx, eax", inputs="eax", outputs="edx")
