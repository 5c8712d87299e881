"""Kernels that sort distinct keys and fail on ties: nearly all are repaired at equal length."""

from kernels_by_hand import compact
from places import TESTS

from sortopt.model.interpreter import expected, run
from sortopt.model.orders import permutations
from sortopt.verify.preconditions import failing_orders
from sortopt.verify.repairs import Repair, repair

SAMPLE = TESTS / "regressions" / "sort3-fails-on-ties.txt"
KERNELS = [
    compact(line, "123", "123")
    for line in SAMPLE.read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


def test_the_sample_fails_on_ties_only():
    assert len(KERNELS) == 100
    for kernel in KERNELS:
        assert all(run(kernel, keys) == expected(kernel, keys) for keys in permutations(3))
        assert failing_orders(kernel)


def test_at_least_95_of_100_are_repaired_at_equal_length_and_the_rest_by_one_more():
    repairs = [repair(kernel, most_added=1) for kernel in KERNELS]
    assert all(isinstance(found, Repair) for found in repairs)
    assert all(found.judgement.verdict.name == "proved" for found in repairs)
    assert sum(found.added == 0 for found in repairs) >= 95
