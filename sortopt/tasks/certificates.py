"""Certificates of what a search proved: made, written, and checked."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from sortopt.base import UNLIMITED, Budget, Disagreement, InputError
from sortopt.search.space import Problem
from sortopt.tasks.answer import Answer
from sortopt.tasks.ways import LARGEST_EXHAUSTIVE, by_zero_one

if TYPE_CHECKING:
    from sortopt.certificate import Check


def check_problem(problem: Problem) -> None:
    """Raise InputError where no certificate of `problem` could be checked."""
    if problem.in_memory or not problem.values_only:
        raise InputError(
            "a certificate is about kernels of registers that need only keep values",
            hint="leave out --certificate",
        )
    from sortopt.certificate import Question
    from sortopt.search.exhaustive import relaxations

    problem = by_zero_one(problem)
    Question.of(next(relaxations(problem), problem).record())


def write(
    answer: Answer,
    path: str,
    budget: Budget = UNLIMITED,
    *,
    max_length: int | None = None,
    force: bool = False,
) -> str:
    """Write the certificate of the answer's lower bound; return its claim.

    It is about an easier problem, and about kernels that may compare anything, where that proves as
    much.  A bound that is a sum of comparisons and moves needs no list of states; a `max_length`
    below it asks for that list, of restricted kernels, up to this length.  Of many keys the sum is
    certified, also where a search by both counts proved more.  Raises InputError where nothing was
    proved, or the file cannot be written, and LimitReached where the budget does not suffice.
    """
    from sortopt.certificate import Composed, Question, check, file, make
    from sortopt.search.exhaustive import relaxations

    check_problem(answer.problem)
    if not answer.lower_bound:
        raise InputError("no lower bound was proved, so there is nothing to certify")
    limit, restricted = answer.lower_bound - 1, {answer.restricted, True}
    # Of many keys no list proves the little that a sum lacks.
    least = limit + 1 if answer.problem.n <= LARGEST_EXHAUSTIVE else limit - 1
    composed = answer.composed if answer.composed and answer.composed.length >= least else None
    if composed is not None and max_length is not None and max_length <= limit:
        limit, restricted = max_length, {True}
    elif composed is not None:
        record = next(relaxations(answer.problem), answer.problem).record()
        claim = Composed(Question.of(record, restricted=False), composed.moves - 1)
        if (fault := check(claim, budget).fault) is not None:
            raise InputError(f"there is no certificate of this bound: {fault}")
        file.write(path, claim, force=force)
        return claim.claim
    problems = *relaxations(answer.problem), answer.problem
    for limited, problem in product(sorted(restricted), problems):
        question = Question.of(problem.record(), restricted=limited)
        certificate = make(question, limit, budget)
        if certificate is not None:
            file.write(path, certificate, force=force)
            return certificate.claim
    raise Disagreement(
        "the certificate's maker finds a kernel where the search proved that there is none"
    )


def check_file(path: str, budget: Budget = UNLIMITED) -> Check:
    """Check the certificate in the file `path`.

    Raises InputError where it cannot be read, LimitReached where the budget does not suffice.
    """
    from sortopt.certificate import check, file

    return check(file.read(path, budget), budget)
