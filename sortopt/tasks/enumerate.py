"""Lists of kernels: checked, of what class, written to a file or a folder as they come."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import permutations
from pathlib import Path
from typing import TypeVar

from sortopt.base import Disagreement, InputError, atomic
from sortopt.formats import print_kernel
from sortopt.model import Instr, Kernel, Proved, commute
from sortopt.search.exhaustive import Program, as_listed
from sortopt.search.space import Problem
from sortopt.verify import WEAK_ORDERS, verify

_T = TypeVar("_T")

Word = tuple[tuple[str, tuple[int, ...]], ...]
"""A kernel's instructions as (mnemonic, cells)."""


def checked(kernels: Iterable[Kernel]) -> Iterator[Kernel]:
    """Yield `kernels`, each proved over all weak orders that its precondition admits first.

    Raises Disagreement at the first that is not right: a bug in the search.
    """
    for kernel in kernels:
        if not isinstance(verify(kernel, methods=(WEAK_ORDERS,)).verdict, Proved):
            raise Disagreement("the search listed a kernel that fails:\n" + print_kernel(kernel))
        yield kernel


def first_of_each(kernels: Iterable[_T], class_: Callable[[_T], Word]) -> Iterator[_T]:
    """Yield the first of each class, as they come."""
    seen: set[Word] = set()
    for kernel in kernels:
        word = class_(kernel)
        if word not in seen:
            seen.add(word)
            yield kernel


def class_of(kernel: Kernel, problem: Problem) -> Word:
    """Return the least normal form over all renamings: equal exactly within a class.

    Two kernels are in one class when one becomes the other by exchanging neighbours that do not
    depend on each other, and by renaming scratch cells and, where every input order may come in,
    input cells.
    """
    program = [(instr.form, instr.operands) for instr in kernel.instructions]
    inputs, scratch = kernel.contract.inputs, kernel.scratch
    words = []
    for order in permutations(inputs) if problem.symmetric_inputs else (inputs,):
        for rest in permutations(scratch):
            to = dict(zip((*inputs, *scratch), (*order, *rest), strict=True))
            renamed = as_listed(
                problem, [(form, tuple(to[c] for c in cells)) for form, cells in program]
            )
            outputs = ("outputs", tuple(to[c] for c in kernel.contract.outputs))
            words.append((*normal_form(renamed), outputs))
    return min(words)


def normal_form(program: Program) -> Word:
    """Return the lexicographically least order of the instructions that keeps dependences.

    It is the same for all programs that differ by exchanging independent neighbours
    (lexicographic normal form of a trace; Anisimov and Knuth 1979).
    """
    word = [(form.mnemonic, cells) for form, cells in program]
    instructions = [Instr(form, cells) for form, cells in program]
    waits_for = [
        {j for j in range(k) if not commute(instructions[j], instructions[k])}
        for k in range(len(word))
    ]
    left, taken = set(range(len(word))), []
    while left:
        first = min((k for k in left if not waits_for[k] & left), key=word.__getitem__)
        left.remove(first)
        taken.append(word[first])
    return tuple(taken)


def check_target(path: str, *, force: bool = False) -> None:
    """Raise InputError where `write` must fail, as far as can be seen before the work is done."""
    if _is_folder(path):
        if Path(path).is_dir() and any(Path(path).iterdir()) and not force:
            raise InputError(f"{path} is not empty", hint="choose a new folder, or use --force")
        return
    atomic.check_writable(path, force=force)


def _is_folder(path: str) -> bool:
    return path.endswith(os.sep) or Path(path).is_dir()


def write(path: str, kernels: Iterable[Kernel], *, force: bool = False) -> int:
    """Write kernels as they come: to one file, or to a file each in a folder; return their number.

    A path that is a folder, or ends in a slash, is a folder: it gets kernel-000001.asm and so on.
    A single file takes its name only when it is complete; what an interruption leaves is beside
    it, as of `atomic.write_parts`.  Raises InputError where it cannot be written.
    """
    if _is_folder(path):
        return _write_folder(Path(path), kernels, force=force)
    count = 0

    def texts() -> Iterator[str]:
        nonlocal count
        for count, kernel in enumerate(kernels, 1):  # noqa: B007
            yield print_kernel(kernel) + "\n"

    atomic.write_parts(path, texts(), force=force)
    return count


def _write_folder(folder: Path, kernels: Iterable[Kernel], *, force: bool) -> int:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder {folder}: {error.strerror}") from None
    count = 0
    for count, kernel in enumerate(kernels, 1):
        atomic.write(folder / f"kernel-{count:06}.asm", print_kernel(kernel), force=force)
    return count
