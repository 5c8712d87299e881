"""Keys in memory: at most one operand there an instruction, the rest in registers."""

import pytest
from engines import SILENT_OVERFLOW, oracle, question

from sortopt import api
from sortopt.base import Budget
from sortopt.base.errors import InputError
from sortopt.formats import parse, print_kernel
from sortopt.model import Place, parse_goal, parse_precondition
from sortopt.search.bounds import composed_bounds
from sortopt.search.bounds.in_memory import writes_in_memory
from sortopt.search.exhaustive import shortest
from sortopt.search.space import Problem, build, problem_of
from sortopt.targets import ISAS
from sortopt.tasks import certificates, in_memory
from sortopt.tasks.find import find
from sortopt.tasks.ways import uses_beams
from sortopt.tasks.without_search import without_search
from sortopt.verify import verify

pytestmark = pytest.mark.filterwarnings(SILENT_OVERFLOW)


@pytest.mark.parametrize("isa", ["x86-cmov", "x86-minmax", "aarch64", "riscv"])
def test_no_instruction_has_two_operands_in_memory_and_none_but_a_store_writes_there(isa):
    problem = Problem(2, ISAS[isa], scratch=2, in_memory=True)
    for form, cells in build(problem).instructions:
        places = [problem.places[cell] for cell in cells]
        assert places.count(Place.MEMORY) <= 1
        assert form.admits(places)
        written = None if form.target is None else places[form.target]
        assert written is not Place.MEMORY or form.mnemonic in ("mov", "movdqa", "str", "sd")


@pytest.mark.parametrize(
    ("problem", "length", "bound"),
    [
        (question(2, "l,g,le,ge", scratch=2, in_memory=True), 7, 7),
        (
            question(2, isa=ISAS["aarch64"], conditions="lt,gt,le,ge", scratch=3, in_memory=True),
            7, 7,
        ),
        (question(2, minmax=True, scratch=2, in_memory=True), 6, 6),
        (question(2, isa=ISAS["riscv"], scratch=3, in_memory=True), 6, 6),
    ],
)  # fmt: skip
def test_kernels_of_two_keys_have_the_least_length_and_are_proved(problem, length, bound):
    found = shortest(problem)
    assert (len(found.kernel), found.lower_bound) == (length, length)
    assert [composed.length for composed in composed_bounds(problem)] == [bound]
    assert verify(found.kernel).verdict.name == "proved"
    assert found.kernel.contract.inputs == found.kernel.contract.outputs
    assert parse(print_kernel(found.kernel)).kernel == found.kernel


def test_three_keys_with_two_registers_take_16_instructions_one_less_than_alphadevs():
    found = shortest(Problem(3, scratch=2, in_memory=True))
    assert (len(found.kernel), found.lower_bound) == (16, 16)
    assert verify(found.kernel).verdict.name == "proved"
    assert {cell.name for cell in found.kernel.cells} == {
        "[rdi]", "[rdi+4]", "[rdi+8]", "eax", "ecx",
    }  # fmt: skip


def test_writes_in_memory_count_merges_stores_and_loads():
    assert writes_in_memory(Problem(3, scratch=3, in_memory=True)) == 5 + 3 + 3
    assert writes_in_memory(Problem(3, ISAS["aarch64"], scratch=3, in_memory=True)) == 5 + 3 + 3
    assert writes_in_memory(Problem(4, scratch=2, in_memory=True)) == 7 + 4 + 4
    minima = Problem(3, ISAS["x86-avx"], scratch=4, in_memory=True)
    assert writes_in_memory(minima) == 6 + 3 + 1


def test_results_that_may_stay_in_registers_take_no_stores():
    problem = Problem(2, scratch=3, in_memory=True, in_place=False)
    assert list(composed_bounds(problem)) == []
    found = find(problem)
    assert (found.length, found.lower_bound) == (5, 5)
    assert found.verified


def test_nothing_is_counted_where_fewer_orders_come_in_or_there_is_one_key():
    for problem in (
        Problem(1, scratch=2, in_memory=True),
        Problem(3, scratch=3, in_memory=True, assume=parse_precondition("a<b")),
        Problem(3, scratch=3, in_memory=True, goal=parse_goal("median")),
    ):
        assert list(composed_bounds(problem)) == []


@pytest.mark.parametrize(
    ("isa", "length", "bound"), [("x86-cmov", 28, 20), ("aarch64", 23, 20), ("riscv", 18, 18)]
)
def test_before_any_search_a_kernel_stands_between_loads_and_stores(isa, length, bound):
    problem = problem_of(4, isa=isa, in_memory=True)
    answer = find(problem, Budget(1e-9))
    assert (problem.scratch, answer.length, answer.anytime) == (5, length, True)
    assert answer.verified
    assert answer.lower_bound == bound
    assert answer.kernel.contract.inputs == answer.kernel.contract.outputs
    assert {cell.name for cell in answer.kernel.cells} == set(problem.names)


def test_too_few_registers_leave_the_question_to_the_exhaustive_search():
    problem = problem_of(4, in_memory=True, registers=4)
    assert without_search(problem) is None
    assert not uses_beams(problem)
    answer = find(problem)
    assert (answer.kernel, answer.lower_bound) == (None, 20)
    assert "an exhaustive search needs" in answer.stopped


def test_a_proof_too_large_to_begin_says_what_is_known():
    answer = find(problem_of(4, in_memory=True), prove=True)
    assert (answer.length, answer.lower_bound) == (28, 20)
    assert "needs" in answer.stopped


@pytest.mark.parametrize(("isa", "length"), [("x86-cmov", 7), ("aarch64", 7)])
def test_windows_without_beams_end_by_themselves(isa, length):
    problem = problem_of(2, isa=isa, in_memory=True)
    begun = without_search(problem)
    found = in_memory.improve(problem, begun, Budget(), beams=False)
    assert len(found.kernel or begun) == length
    assert found.stopped is None


def test_four_keys_take_two_instructions_less_than_alphadevs_and_ctrl_c_keeps_them():
    problem = problem_of(4, in_memory=True)
    assert uses_beams(problem)

    def stop(progress):
        if progress.best is not None and progress.best <= 26:
            raise KeyboardInterrupt

    budget = Budget(report=stop)
    found = in_memory.improve(problem, without_search(problem), budget, beams=True)
    assert (len(found.kernel), found.stopped) == (26, "interrupted")
    assert verify(found.kernel).verdict.name == "proved"
    assert [len(i.kernel) for i in found.improvements] == [27, 26]


def test_one_register_is_too_few_to_exchange_two_keys():
    problem = question(2, in_memory=True)
    assert oracle(problem, limit=9).length is None
    assert shortest(problem, max_length=30).kernel is None


def test_what_there_is_none_of_in_memory_is_refused():
    with pytest.raises(InputError, match="add --in-memory"):
        problem_of(2, registers=2)
    with pytest.raises(InputError, match="use --registers"):
        problem_of(2, in_memory=True, scratch=1)
    answer = api.search(2, in_memory=True)
    assert answer.proved_minimal
    with pytest.raises(InputError, match="a certificate is about kernels of registers"):
        certificates.write(answer, "never.cert")
