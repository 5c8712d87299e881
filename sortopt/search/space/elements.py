"""What cells hold in a universe: ranks, or where the problem asks for more, elements.

For `values` cells hold ranks.  For `stable` they hold elements, numbered as a stable sort leaves
them, and comparisons see their ranks.  For `elements` they hold elements as well, but any of those
that tie may leave before the others, so these are *numbered alike*: in the sequence of the first
cells that hold them.  Sound because a permutation of tied elements is an automorphism: comparisons
see the same, every instruction moves the same cells, and the same cells serve the outputs.

For `safe` a kernel must have right values, and lose no element whatever its comparisons answer.
So to the assignments of `values` come those of one more tie pattern, ANY_ANSWER, in which all
elements are numbered alike and a comparison leads to three assignments, one an answer.  Sound
because on any input a kernel's answers are among all answers: what it loses for none, it keeps.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sortopt.search.space.problem import ANY_ANSWER, Problem

Bytes = npt.NDArray[np.uint8]


def label_count(problem: Problem, pattern: tuple[int, ...]) -> int:
    """Return how many ranks, or elements, cells may hold under a tie pattern."""
    by_elements = problem.stable or problem.ties_alike or pattern == ANY_ANSWER
    return problem.n if by_elements else len(pattern)


def wanted_labels(problem: Problem, pattern: tuple[int, ...]) -> list[int]:
    """Return ranks, or elements, of which each must be held somewhere for a goal to be reached.

    Where elements are numbered alike the first of them come first in the cells, so that as many
    as are wanted are held exactly if the last of these is.
    """
    ranks = problem.goal.ranks(problem.n)
    if pattern == ANY_ANSWER:
        return list(range(len(ranks)))
    if problem.stable:
        return list(ranks)
    values = [rank for rank, count in enumerate(pattern) for _ in range(count)]
    wanted = [values[rank] for rank in ranks]
    if not problem.ties_alike:
        return wanted
    return [values.index(rank) + wanted[:j].count(rank) for j, rank in enumerate(wanted)]


def ranks_seen(problem: Problem, patterns: tuple[tuple[int, ...], ...]) -> Bytes:
    """Return what a comparison sees, per tie pattern and content: ranks, n where undefined."""
    seen = np.tile(np.arange(problem.n + 1, dtype=np.uint8), (len(patterns), 1))
    for number, pattern in enumerate(patterns):
        if pattern == ANY_ANSWER:
            seen[number, : problem.n] = 0
        elif problem.stable or problem.ties_alike:
            seen[number, : problem.n] = np.repeat(np.arange(len(pattern)), pattern)
    return seen


def numbered_alike(problem: Problem, contents: Bytes, patterns: Bytes) -> Bytes:
    """Return `contents` with elements numbered by the first cells that hold them.

    Only among those that may leave in any sequence; those held nowhere come last.
    """
    found = contents
    for number, pattern in enumerate(problem.tie_patterns):
        rows = np.flatnonzero(patterns == number)
        for first, count in _alike(problem, pattern):
            if found is contents:
                found = contents.copy()
            labels = np.arange(first, first + count, dtype=np.uint8)
            held = contents[rows][:, None, :] == labels[:, None]
            place = np.where(held.any(axis=2), held.argmax(axis=2), contents.shape[1])
            new = np.argsort(np.argsort(place, axis=1, kind="stable"), axis=1) + first
            found[rows] = np.where(held, new[:, :, None], 0).sum(axis=1) + np.where(
                held.any(axis=1), 0, found[rows]
            )
    return found


def _alike(problem: Problem, pattern: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return (first, count) of each run of elements that are numbered alike."""
    if pattern == ANY_ANSWER:
        return [(0, problem.n)]
    firsts = np.cumsum([0, *pattern]).tolist()
    runs = zip(firsts, pattern, strict=False) if problem.ties_alike else ()
    return [(first, count) for first, count in runs if count > 1]


def doubled(problem: Problem, contents: Bytes, patterns: Bytes) -> npt.NDArray[np.bool_]:
    """Return where some content occurs twice in a line though no element may."""
    held = np.sort(contents, axis=1)
    twice = (held[:, 1:] == held[:, :-1]).any(axis=1)
    if problem.ties_alike:
        return np.asarray(twice)
    any_answer = np.array([pattern == ANY_ANSWER for pattern in problem.tie_patterns])
    return np.asarray(twice & any_answer[patterns])


def carried(problem: Problem, contents: Bytes, patterns: Bytes) -> Bytes:
    """Return of each cell what renaming the cells carries along with it.

    Contents, but where elements are numbered alike their rank and how many cells hold the same.
    """
    if not (problem.ties_alike or problem.any_answer):
        return contents
    seen = ranks_seen(problem, problem.tie_patterns)[patterns[:, None], contents]
    many = (contents[:, :, None] == contents[:, None, :]).sum(axis=2)
    return (seen * (problem.cells + 1) + many).astype(np.uint8)
