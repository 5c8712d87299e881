"""What is said of a function that branches: its paths, the verdict, and the path of a failure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from sortopt.report import floats, records, tables, words

if TYPE_CHECKING:
    from rich.table import Table

    from sortopt.tasks import CheckedPaths


def lines(found: CheckedPaths) -> Iterator[str | Table]:
    """Yield what was read, the verdict, each proof, and the path of a refutation."""
    file, code = found.file, found.branching
    key = f" ({found.key})" if found.key else ""
    because = f" ({file.because})" if file.because else ""
    goal = f", goal {code.whole.contract.goal}" * (str(code.whole.contract.goal) != "sort")
    yield f"{found.name}: {words.counted(code.whole.n, 'key')}{key}{goal}, {shape(found)}{because}"
    for note in file.notes:
        yield f"note: {note}"
    yield words.verdict(code.whole, found.judgement, found.key)
    yield from breaches(found)
    yield tables.rows(words.methods(found.judgement, None))
    yield words.decided(found.judgement)
    yield from words.rungs(found.file.kernel, found.rungs)
    yield from floats.with_nan(found.nan)
    yield from failing(found)
    if found.instead is not None:
        yield f"without branches: {found.instead}"


def breaches(found: CheckedPaths) -> Iterator[str]:
    """Yield what a function does that those around it do not expect, each with its line."""
    for breach in found.file.breaches:
        yield f"{found.name}:{breach.line}: unsafe: {breach.message}; {breach.fix}"


def failing(found: CheckedPaths) -> Iterator[str | Table]:
    """Yield the path of a refutation, and its trace."""
    if found.path is not None and found.path.jumps:
        yield f"its path: {taken(found)}"
    if found.explanation is not None:
        yield ""
        yield tables.trace(found.explanation)
        yield found.explanation.sentence


def shape(found: CheckedPaths) -> str:
    """Return how many branches and paths there are: `3 branches, 6 paths of at most 20 …`.

    Where conditions only make masks and indices, a path is one way to answer them.
    """
    branches = found.branching.branches
    told = f"not branchless: {branches} branch{'es' * (branches != 1)}"
    return f"{told if branches else 'branchless'}, {extent(found)}"


def extent(found: CheckedPaths) -> str:
    """Return how many paths there are, and how long they are."""
    code = found.branching
    return (
        f"{words.counted(code.paths, 'path')} of at most "
        f"{words.counted(code.longest, 'instruction')}"
    )


def taken(found: CheckedPaths) -> str:
    """Return which jumps on keys a counterexample takes."""
    jumps = found.path.jumps if found.path else ()
    return ", ".join(
        f"{fork.text} in line {fork.line} {'taken' if went else 'not taken'}"
        for fork, went in jumps
    )


def record(found: CheckedPaths) -> records.Record:
    """Return the record of a function that branches."""
    code, contract = found.branching, found.branching.whole.contract
    rungs = found.rungs or {}
    nan = {} if found.nan is None else {"nan": asdict(found.nan)}
    return {
        "file": found.name,
        "isa": code.whole.isa.name,
        "n": code.whole.n,
        "branchless": code.branches == 0,
        "branches": code.branches,
        "paths": code.paths,
        "longest_path": code.longest,
        "notes": list(found.file.notes),
        "key": found.key,
        "goal": str(contract.goal),
        "assume": records.precondition(contract.assume),
        "breaches": [
            {"message": b.message, "fix": b.fix, "line": b.line, "rule": b.rule}
            for b in found.file.breaches
        ],
        **records.judgement(found.judgement),
        "path": [
            {"line": fork.line, "jump": fork.text, "taken": went}
            for fork, went in (found.path.jumps if found.path else ())
        ],
        "instead": found.instead,
        "rungs": {str(rung): records.judgement(each) for rung, each in rungs.items()},
        **nan,
    }
