from itertools import pairwise, product

import pytest
from kernels_by_hand import ALPHADEV3, ALPHADEV4, ALPHADEV5, MINMAX3, SORT2, compact, network

from sortopt.emit.ties import Ties, ties
from sortopt.model.interpreter import run
from sortopt.model.kernel import build
from sortopt.targets import X86_CMOV


class Record(int):
    """A key with an identity: compares by value, is itself."""


def by_running(kernel):
    """Decide the same on the interpreter, with records of equal value and different identity."""
    keeps, stable = True, True
    for values in product(range(kernel.n), repeat=kernel.n):
        records = [Record(value) for value in values]
        out = run(kernel, records)
        position = [next(i for i, r in enumerate(records) if r is key) for key in out]
        keeps &= len(set(position)) == len(position)
        stable &= all(values[p] < values[q] or p < q for p, q in pairwise(position))
    return Ties(keeps, keeps and stable)


@pytest.mark.parametrize(
    "kernel",
    [SORT2, ALPHADEV3, ALPHADEV4, MINMAX3, network("12", "23", "12"), network("13", "12", "23")],
    ids=["sort2", "alphadev3", "alphadev4", "minmax3", "bubble", "other"],
)
def test_ties_agree_with_records_on_the_interpreter(kernel):
    assert ties(kernel) == by_running(kernel)


def test_alphadev5_may_lose_a_tied_key():
    assert not ties(ALPHADEV5).keeps_every_key


def test_adjacent_comparators_are_stable_and_distant_ones_not():
    assert ties(network("12", "23", "12")).stable
    assert not ties(network("13", "12", "23")).stable


def test_ties_reads_le_and_ge_as_written():
    eager = compact("m31 c21 L12 L23", "12", "12")  # exchanges tied keys
    assert ties(eager) == Ties(keeps_every_key=True, stable=False)


def test_ties_of_many_keys_are_not_claimed():
    many = build(X86_CMOV, [], inputs=X86_CMOV.registers[:9], outputs=X86_CMOV.registers[:9])
    assert not ties(many).keeps_every_key
    assert "not examined" in str(ties(many))
