"""Certificates: what is made is accepted, and whatever is tampered with is rejected."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from sortopt.base.errors import InputError
from sortopt.certificate import file as certificate_file
from sortopt.certificate.checker import Checker, check, inverse, numbering, suggestion
from sortopt.certificate.maker import certificate_of
from sortopt.certificate.model import Plain
from sortopt.model.goal import parse_goal
from sortopt.model.orders import parse_precondition
from sortopt.search.exhaustive.deepening import shortest
from sortopt.search.space._symmetry_kernels import canonical
from sortopt.search.space.problem import Problem
from sortopt.search.space.universe import DEAD, build
from sortopt.targets import X86_MINMAX


@cache
def made(problem):
    found = shortest(problem, keep_proof=True)
    assert found.proof is not None
    return certificate_of(found.proof.search, found.proof.database), found


@cache
def sort3():
    certificate, found = made(Problem(3))
    assert certificate.limit == found.lower_bound - 1 == 10
    return certificate


PROBLEMS = [
    Problem(2),
    Problem(3),
    Problem(3, distinct=True, in_place=False),
    Problem(3, conditions=("l", "g")),
    Problem(3, assume=parse_precondition("b<c")),
    Problem(3, goal=parse_goal("min")),
    Problem(3, isa=X86_MINMAX),
    Problem(2, goal=parse_goal("max"), scratch=2),
]


@pytest.mark.parametrize("problem", PROBLEMS, ids=Problem.describe)
def test_certificate_of_a_complete_search_is_accepted(problem):
    certificate, found = made(problem)
    outcome = check(certificate)
    assert outcome.fault is None
    assert certificate.limit == found.lower_bound - 1


def test_search_that_found_a_kernel_gives_no_certificate():
    found = shortest(Problem(2), keep_proof=True)
    search = found.proof.search
    longer = type(search)(search.universe, search.model, 4)
    longer.run()
    with pytest.raises(ValueError, match="complete search"):
        certificate_of(longer, found.proof.database)


def test_each_dropped_state_is_noticed():
    certificate = sort3()
    ends = np.cumsum(certificate.size.astype(np.int64))
    for state in range(len(certificate.size)):
        keep = np.arange(len(certificate.size)) != state
        ids = np.ones(len(certificate.pool), np.bool_)
        ids[ends[state] - certificate.size[state] : ends[state]] = False
        tampered = replace(
            certificate,
            pool=certificate.pool[ids],
            size=certificate.size[keep],
            depth=certificate.depth[keep],
        )
        assert check(tampered).fault is not None, f"state {state} was dropped unnoticed"


@pytest.mark.parametrize("seed", range(12))
def test_each_raised_table_entry_is_noticed(seed):
    certificate = sort3()
    finite = np.flatnonzero(certificate.cost.ravel() < 255)
    entry = np.random.default_rng(seed).choice(finite)
    cost = certificate.cost.copy()
    cost.ravel()[entry] += 1
    assert "table entry" in check(replace(certificate, cost=cost)).fault


def test_lowered_table_is_rejected_where_the_proof_needs_it():
    certificate = sort3()
    assert check(replace(certificate, cost=np.zeros_like(certificate.cost))).fault is not None


def test_higher_limit_is_rejected():
    certificate = sort3()
    assert check(replace(certificate, limit=certificate.limit + 1)).fault is not None


def test_deeper_states_are_rejected():
    certificate = sort3()
    depth = certificate.depth + (certificate.depth > 0)
    assert check(replace(certificate, depth=depth.astype(np.uint8))).fault is not None


def test_certificate_of_another_problem_is_rejected():
    certificate = sort3()
    weaker = replace(certificate.problem, assume=parse_precondition("b<c"))
    assert check(replace(certificate, problem=weaker)).fault is not None


@pytest.mark.parametrize("field", ["pool", "size", "depth", "reps"])
def test_arrays_that_do_not_fit_are_rejected(field):
    certificate = sort3()
    shorter = getattr(certificate, field)[:-1]
    assert check(replace(certificate, **{field: shorter})).fault is not None


def test_unsorted_state_is_rejected():
    certificate = sort3()
    pool = certificate.pool.copy()
    pool[:2] = pool[1::-1]
    assert "ascend" in check(replace(certificate, pool=pool)).fault


def test_file_round_trips(tmp_path):
    certificate = sort3()
    certificate_file.write(str(tmp_path / "c"), certificate)
    again = certificate_file.read(str(tmp_path / "c"))
    assert again.problem == certificate.problem
    assert again.limit == certificate.limit
    for name in ("cost", "reps", "pool", "size", "depth"):
        assert np.array_equal(getattr(again, name), getattr(certificate, name))


@pytest.mark.parametrize("seed", range(40))
def test_any_flipped_bit_is_rejected(tmp_path, seed):
    path = tmp_path / "c"
    certificate_file.write(str(path), sort3())
    data = bytearray(path.read_bytes())
    bit = int(np.random.default_rng(seed).integers(len(data) * 8))
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)
    with pytest.raises(InputError):
        certificate_file.read(str(path))


@pytest.mark.parametrize("content", [b"", b"junk", certificate_file.MAGIC, b"\0" * 1000])
def test_what_is_no_certificate_is_refused_in_one_line(tmp_path, content):
    path = tmp_path / "c"
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        certificate_file.read(str(path))
    assert "\n" not in error.value.message


@pytest.mark.parametrize("problem", PROBLEMS[:2] + PROBLEMS[5:], ids=Problem.describe)
def test_steps_from_the_interpreter_are_the_steps_of_the_search(problem):
    plain, universe = Plain(problem), build(problem)
    numbers = numbering(plain, universe)
    back = np.full(DEAD + 1, DEAD)
    back[: len(numbers)] = inverse(numbers)
    instructions = [(i.form, i.operands) for i in plain.instructions]
    assert instructions == list(universe.instructions)
    assert np.array_equal(back[universe.step[numbers]], plain.step)
    assert (universe.step == DEAD).sum() == (plain.step == 65535).sum()
    assert np.array_equal(universe.goal[numbers], plain.goal)
    assert np.array_equal(np.sort(back[universe.start]), plain.start)


@pytest.mark.parametrize("problem", [Problem(3), Problem(4, isa=X86_MINMAX)], ids=Problem.describe)
def test_listed_states_have_the_form_that_the_checker_looks_up(problem):
    """Regression: among images of equal rank the search's least is not always the checker's."""
    certificate, _ = made(problem)
    checker = Checker.of(certificate)
    tables = suggestion(checker.plain, checker.full)
    ends = np.cumsum(certificate.size.astype(np.int64))
    for end, size in zip(ends, certificate.size, strict=True):
        row = certificate.pool[end - size : end].copy()
        form = np.empty_like(row)
        canonical(row, int(size), tables, form)
        assert np.array_equal(form, row)
