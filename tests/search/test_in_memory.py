"""Keys in memory: at most one operand there an instruction, the rest in registers."""

import pytest
from engines import SILENT_OVERFLOW, oracle, question

from sortopt import api
from sortopt.base.errors import InputError
from sortopt.formats import parse, print_kernel
from sortopt.model import Place
from sortopt.search.exhaustive import shortest
from sortopt.search.space import Problem, build, problem_of
from sortopt.targets import ISAS
from sortopt.tasks import certificates
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
    ("problem", "length"),
    [
        (question(2, "l,g,le,ge", scratch=2, in_memory=True), 7),
        (question(2, isa=ISAS["aarch64"], conditions="lt,gt,le,ge", scratch=3, in_memory=True), 7),
        (question(2, minmax=True, scratch=2, in_memory=True), 6),
        (question(2, isa=ISAS["riscv"], scratch=3, in_memory=True), 6),
    ],
)
def test_kernels_of_two_keys_have_the_least_length_and_are_proved(problem, length):
    found = shortest(problem)
    assert (len(found.kernel), found.lower_bound) == (length, length)
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
