"""The claim from the internet: the facts are recomputed, and the corpus holds the same."""

import places
import pytest

from sortopt.formats import parse, read
from sortopt.verify import claim

KERNELS = places.KERNELS / "claim"
FILES = {
    claim.AS_SHOWN: "shown.asm",
    claim.WITHOUT_MOVE: "without-mov.asm",
    claim.WITH_CMOVGE: "with-cmovge.asm",
}


@pytest.fixture(scope="module")
def report():
    return claim.examine()


def found(report, name):
    """Return the failing input, or the verdict, of version `name` by precondition."""
    (version,) = (v for v in report.versions if v.name == name)
    return {
        str(f.assume): f.counterexample.inputs if f.counterexample else f.judgement.verdict.name
        for f in version.findings
    }


def test_the_program_as_shown_needs_a_precondition(report):
    assert found(report, claim.AS_SHOWN) == {
        "": (1, 3, 2), "b <= a": "proved", "b <= c": "proved", "b < c": "proved",
    }  # fmt: skip


def test_without_the_move_it_is_right_only_given_b_less_than_c(report):
    assert found(report, claim.WITHOUT_MOVE) == {
        "": (1, 3, 2), "b <= a": (3, 2, 1), "b <= c": (2, 1, 1), "b < c": "proved",
    }  # fmt: skip


def test_with_cmovge_it_is_right_on_ties_too(report):
    assert found(report, claim.WITH_CMOVGE) == {
        "": (1, 3, 2), "b <= a": (3, 2, 1), "b <= c": "proved", "b < c": "proved",
    }  # fmt: skip


def test_the_separating_input_is_sorted_with_the_move_and_not_without(report):
    assert report.separating == (3, 2, 1)
    assert report.outputs[:2] == ((1, 2, 3), (3, 2, 3))


@pytest.mark.parametrize("name", claim.PROGRAMS)
def test_the_corpus_holds_the_bundled_program(name):
    bundled = parse(claim.PROGRAMS[name]).kernel
    filed = read(KERNELS / FILES[name]).kernel
    assert (bundled.instructions, bundled.contract) == (filed.instructions, filed.contract)
