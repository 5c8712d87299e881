"""A second solver judges the same query: cvc5 or Bitwuzla, on the SMT-LIB 2 text that is exported.

This is the only home of cvc5 and bitwuzla.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any

from sortopt.base import UNLIMITED, Budget, Disagreement, InputError
from sortopt.model import Kernel, Proved, Refuted, Unknown, Verdict
from sortopt.verify.question import AS_READ, Question
from sortopt.verify.smt import least_width, smt_lib

EXTRA = "solvers"
"""The extra of the package that brings the solvers."""

UNSAT, SAT, UNKNOWN = "unsat", "sat", "unknown"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a second solver says: `unsat` (the kernel is right), `sat` or `unknown`.

    `bits` is the width of the keys it was given, None for integers; `seconds` includes parsing.
    """

    solver: str
    answer: str
    bits: int | None
    seconds: float


def expected_answer(verdict: Verdict) -> str:
    """Return the answer to the exported query that goes with `verdict`."""
    match verdict:
        case Proved():
            return UNSAT
        case Refuted():
            return SAT
        case Unknown():
            return UNKNOWN


def query(kernel: Kernel, verdict: Verdict, question: Question = AS_READ) -> str:
    """Return the query as SMT-LIB 2 text, with the logic and the answer to expect."""
    answer = expected_answer(verdict)
    status = "" if answer == UNKNOWN else f"(set-info :status {answer})\n"
    logic, _, rest = smt_lib(kernel, question).partition("\n")
    return (
        "; Is there an input on which the kernel fails?  unsat: no, it is correct.\n"
        f"; expected answer: {answer}\n{logic}\n{status}{rest}"
    )


def ask(
    solver: str,
    kernel: Kernel,
    verdict: Verdict,
    question: Question = AS_READ,
    budget: Budget = UNLIMITED,
) -> Opinion:
    """Let `solver` judge what `verdict` judges; bitwuzla gets keys of just enough bits, if none.

    Raises InputError where the solver is unknown or not installed, and Disagreement where it
    contradicts the verdict.
    """
    if solver not in SOLVERS:
        raise InputError(f"unknown solver {solver!r}", hint=f"use {' or '.join(SOLVERS)}")
    try:
        library = import_module(solver)
    except ImportError:
        raise InputError(
            f"{solver} is not installed", hint=f"pip install 'sortopt[{EXTRA}]'"
        ) from None
    if question.width is None and solver == "bitwuzla":
        question = Question(least_width(kernel))
    text = smt_lib(kernel, question)
    start = time.perf_counter()
    answer = SOLVERS[solver](library, text, budget.left)
    opinion = Opinion(solver, answer, question.width, time.perf_counter() - start)
    due = expected_answer(verdict)
    if UNKNOWN not in (answer, due) and answer != due:
        raise Disagreement(
            f"{solver} answers {answer}, but the verdict is {verdict.name}",
            hint="this is a bug in sortopt or in a solver: please report it with the kernel",
        )
    return opinion


def _cvc5(library: Any, text: str, seconds: float | None) -> str:
    solver = library.Solver()
    if seconds is not None:
        solver.setOption("tlimit-per", str(max(1, int(seconds * 1000))))
    parser = library.InputParser(solver)
    parser.setStringInput(library.InputLanguage.SMT_LIB_2_6, text, "query")
    symbols = parser.getSymbolManager()
    answer = UNKNOWN
    while True:
        command = parser.nextCommand()
        if command.isNull():
            return answer
        said = str(command.invoke(solver, symbols)).strip()
        answer = said if said in (SAT, UNSAT) else answer


def _bitwuzla(library: Any, text: str, seconds: float | None) -> str:
    options = library.Options()
    if seconds is not None:
        options.set(library.Option.TIME_LIMIT_PER, max(1, int(seconds * 1000)))
    manager = library.TermManager()
    parser = library.Parser(manager, options)
    body = text.replace("(check-sat)", "")
    parser.parse(body, True, False)
    result = parser.bitwuzla().check_sat()
    return {library.Result.SAT: SAT, library.Result.UNSAT: UNSAT}.get(result, UNKNOWN)


SOLVERS: Mapping[str, Callable[[Any, str, float | None], str]] = MappingProxyType(
    {"cvc5": _cvc5, "bitwuzla": _bitwuzla}
)
"""How each second solver is asked, by name."""
