"""Claims about sequences of moves: accepted where trying all sequences says so, else refused."""

import random
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from engines import question
from sequences import all_moves, extended, is_contained, least_universal, start
from toys import SELECTS

from sortopt.base import Budget, InputError, LimitReached
from sortopt.certificate import _sequence_kernels as kernels
from sortopt.certificate import file, sequences
from sortopt.certificate.checker import check
from sortopt.certificate.question import Question
from sortopt.certificate.sequences import Composed
from sortopt.search.bounds.universal import composed_bounds
from sortopt.search.space.problem import Problem
from sortopt.targets import X86_MINMAX


def claim(problem, moves):
    return Composed(Question.of(problem.record(), restricted=False), moves)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_number_of_moves_is_refuted_exactly_where_trying_all_sequences_does(n):
    least = least_universal(n)
    for moves in range(least + 3):
        assert (check(claim(Problem(n), moves)).fault is None) == (moves < least)


@pytest.mark.parametrize("compared", [30, 50_000])
def test_checker_and_search_agree_on_four_keys(compared, monkeypatch):
    monkeypatch.setattr(sequences, "MOST_COMPARED", compared)
    *_, best = composed_bounds(Problem(4))
    accepted, refused = (claim(Problem(4), best.moves - more) for more in (1, 0))
    assert check(accepted).fault is None
    assert (accepted.limit, accepted.comparisons) == (best.length - 1, best.comparisons)
    assert "14 moves may sort every order" in check(refused).fault


@pytest.mark.parametrize(("n", "comparisons"), [(1, 0), (2, 1), (3, 3), (4, 5), (5, 7)])
def test_comparisons_tell_all_orders_apart(n, comparisons):
    assert claim(Problem(n, distinct=True), 0).comparisons == comparisons
    assert claim(Problem(n, isa=X86_MINMAX, distinct=True), 0).comparisons == 0


@pytest.mark.parametrize(
    ("problem", "why"),
    [
        (question(2, scratch=2), "one scratch cell"),
        (question(2, scratch=0), "one scratch cell"),
        (question(3, goal="min"), "only for sorting"),
        (question(2, "lt,gt", isa=SELECTS), "two sources"),
        (question(3, assume="a<b"), "not every order"),
        (question(3, assume="a=b"), "not every order"),
    ],
)
def test_where_the_argument_does_not_hold_the_claim_is_refused(problem, why):
    assert why in check(claim(problem, 0)).fault


def test_kept_reaches_contain_up_to_symmetry_what_any_sequence_reaches():
    n, rng, tables = 3, random.Random(7), sequences._tables(3)
    listed = list(permutations(range(n + 1)))
    reaches = kernels.Reaches(np.zeros(1, np.uint16), np.array([0, 1]))
    for moves in range(1, 7):
        reaches = sequences._kept(kernels.extended(reaches, tables), tables)
        runs = np.split(reaches.pool, reaches.offset[1:-1])
        sets = [{listed[a] for a in run} for run in runs]
        assert all(len(run) == len(one) for run, one in zip(runs, sets, strict=True))
        for _ in range(20):
            reach = start(n)
            for move in rng.choices(all_moves(n), k=moves):
                reach = extended(reach, move)
            assert is_contained(reach, sets, n)


def test_a_claim_is_read_as_it_was_written(tmp_path):
    written, path = claim(Problem(3, distinct=True), 7), str(tmp_path / "three.cert")
    words = Problem(3, distinct=True).describe(restricted=False).replace("in order", "in place")
    file.write(path, written)
    again = file.read(path)
    assert (again.question, again.moves, again.claim) == (
        written.question,
        7,
        "no kernel of 10 or fewer instructions exists: it has at least 3 comparisons and 8 moves"
        f" ({words})",
    )


@pytest.mark.parametrize("moves", [-1, 255, 10**30])
def test_a_number_of_moves_out_of_range_is_refused(tmp_path, moves):
    path = str(tmp_path / "three.cert")
    file.write(path, replace(claim(Problem(3), 7), moves=moves))
    with pytest.raises(InputError, match="number of moves"):
        file.read(path)


def test_nothing_follows_the_header_of_such_a_claim(tmp_path, monkeypatch):
    path = str(tmp_path / "three.cert")
    monkeypatch.setattr(file, "_claim", lambda c, plain=file._claim: plain(c) + b"more")
    file.write(path, claim(Problem(3), 7))
    with pytest.raises(InputError, match="follows its header"):
        file.read(path)


def test_more_keys_than_can_be_checked_are_refused(monkeypatch):
    monkeypatch.setattr(sequences, "MOST_KEYS", 2)
    with pytest.raises(InputError, match="3 keys"):
        check(claim(Problem(3), 7))


def test_a_spent_budget_ends_the_check():
    with pytest.raises(LimitReached):
        check(claim(Problem(4), 13), Budget(1e-9))
