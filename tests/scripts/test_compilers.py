"""scripts/compilers.py: what compilers make is proved, refuted, or refused with a way out."""

import json
import shutil

import compilers
import measured
import pytest

from sortopt.base import InputError

FOUND = json.loads((measured.RESULTS / "compilers.json").read_text())["figures"]
SORT2 = """
sort2:
    mov eax, [rdi]
    mov ecx, [rdi+4]
    cmp eax, ecx
    mov edx, eax
    cmovg eax, ecx
    cmovg ecx, edx
    mov [rdi], eax
    mov [rdi+4], ecx
    ret
"""


def test_no_faulty_function_is_proved_and_no_right_one_refuted():
    for figure in FOUND:
        assert figure["verdict"] != ("refuted" if figure["right"] else "proved"), figure
        assert not figure["wrong"], figure


def test_every_refusal_says_why_and_what_helps():
    refused = [figure for figure in FOUND if figure["verdict"] == "refused"]
    assert refused
    assert all(figure["reason"] and figure["hint"] for figure in refused)


def test_every_function_of_the_sources_is_judged_at_every_level():
    for compiler in {c.command: c for c in compilers.COMPILERS}.values():
        judged = {(f["function"], f["level"]) for f in FOUND if f["compiler"] == compiler.command}
        shapes = compilers.shapes(compilers.SOURCES / f"shapes{compiler.suffix}")
        assert shapes
        assert judged in (set(), {(s.name, level) for s in shapes for level in compilers.LEVELS})


def test_every_source_has_right_functions_and_faulty_ones():
    for suffix in {compiler.suffix for compiler in compilers.COMPILERS}:
        found = compilers.shapes(compilers.SOURCES / f"shapes{suffix}")
        assert {shape.right for shape in found} == {True, False}


@pytest.mark.parametrize(
    ("text", "verdict"), [(SORT2, "proved"), (SORT2.replace("eax, ecx", "ecx, eax"), "refuted")]
)
def test_a_verdict_is_wrong_exactly_where_it_contradicts_what_is_known(tmp_path, text, verdict):
    path = tmp_path / "sort2.s"
    path.write_text(text)
    for right in (True, False):
        found = compilers.judged(path, compilers.Shape("sort2", right, "two keys"))
        assert found["verdict"] == verdict
        assert found["wrong"] == (right != (verdict == "proved"))


def test_what_is_refused_is_no_wrong_verdict(tmp_path):
    path = tmp_path / "sort2.s"
    path.write_text(SORT2.replace("cmovg eax, ecx", "call other"))
    found = compilers.judged(path, compilers.Shape("sort2", True, "two keys"))
    assert (found["verdict"], found["wrong"]) == ("refused", False)
    assert found["reason"] == "this calls other, which is not followed"
    assert found["hint"].endswith("compile with -O2")


def test_without_a_compiler_it_is_said_which_are_used(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda command: None)
    with pytest.raises(InputError, match="no such compiler is installed") as raised:
        compilers.main([])
    assert "gcc" in raised.value.hint
