"""Values show themselves: `str`, `repr`, and what a notebook asks for."""

import xml.dom.minidom
from dataclasses import replace

import pytest
from kernels_by_hand import FAILS_ON_TIES, SORT2

import sortopt
from sortopt.model import Cell
from sortopt.native import Options, Report

NETWORK = sortopt.network("0:2, 0:1, 1:2")
BENCH = Report(2, Options(), "a <CPU>", (), (), (), ("nothing was timed",))
VALUES = {
    "kernel": SORT2,
    "verdict": sortopt.verify(FAILS_ON_TIES),
    "counterexample": sortopt.counterexample(FAILS_ON_TIES),
    "answer": None,  # made when asked for: a search in every collection would take its time
    "picture": sortopt.show(SORT2),
    "network": NETWORK.network,
    "checked network": NETWORK,
    "bench": BENCH,
}


def test_a_kernel_as_text_is_the_kernel_again():
    assert sortopt.parse(str(SORT2)) == SORT2


def test_a_kernel_is_represented_on_one_short_line():
    assert repr(SORT2) == "<Kernel sort2, 4 instructions, x86-cmov>"
    assert len(repr(sortopt.verify(SORT2))) < 300


@pytest.mark.parametrize("name", VALUES)
def test_what_a_notebook_shows_is_short_and_well_formed(name):
    value = sortopt.search(2) if name == "answer" else VALUES[name]
    assert len(str(value).splitlines()) > 0
    xml.dom.minidom.parseString(f"<div>{value._repr_html_()}</div>")
    assert len(value._repr_html_()) < 20_000
    picture = value._repr_svg_()
    whole = name in ("network", "checked network", "bench")
    assert (picture is not None) == (whole or name in ("kernel", "picture", "answer"))
    if picture is not None:
        assert xml.dom.minidom.parseString(picture).documentElement.tagName == "svg"
        assert (picture in value._repr_html_()) == whole


def test_names_are_escaped():
    kernel = replace(SORT2, cells=(Cell("<b>"), *SORT2.cells[1:]))
    assert "&lt;b&gt;" in kernel._repr_html_()
    assert "<b>" not in kernel._repr_html_()


def test_a_verdict_reads_as_the_command_prints_it():
    lines = str(sortopt.verify(SORT2)).splitlines()
    assert lines[0].startswith("proved for all inputs")
    assert lines[-1] == "decided by weak orders and z3, which agree"


def test_an_answer_is_a_kernel_file():
    answer = sortopt.search(2)
    assert sortopt.parse(str(answer)) == answer.kernel


def test_a_picture_shows_every_instruction_and_the_critical_path():
    picture = sortopt.show(SORT2, (5, 7))
    assert (picture.outputs, picture.right) == ((5, 7), True)
    lines = str(picture).splitlines()
    assert lines[0] == "4 instructions: 5 7 comes out as 5 7"
    assert len(lines) == 1 + 2 + len(SORT2) + 2
    assert lines[-1] == "critical path, 2 cycles (zen3): 2 -> 3"


def test_a_picture_says_what_is_wrong_and_what_a_precondition_excludes():
    wrong = sortopt.counterexample(FAILS_ON_TIES).inputs
    picture = sortopt.show(FAILS_ON_TIES, wrong)
    assert not picture.right
    assert ", not " in str(picture).splitlines()[0]
    excluded = sortopt.show(
        FAILS_ON_TIES.assuming(sortopt.parse(str(SORT2), assume="a<b").contract.assume), (1,) * 3
    )
    assert excluded.right
    assert "leaves open" in str(excluded).splitlines()[0]


def test_a_picture_of_too_few_keys_is_refused():
    with pytest.raises(sortopt.InputError, match="takes 2 keys, not 3; give for example 2,1"):
        sortopt.show(SORT2, (1, 2, 3))
