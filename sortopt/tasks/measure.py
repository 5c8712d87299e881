"""Which of several kernel files is the fastest here: proved first, then timed."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike

from sortopt.base import UNLIMITED, Budget
from sortopt.native import Options, Report, bench, short_names
from sortopt.objects import AS_WRITTEN, Reading
from sortopt.tasks.check import require_proof, verify_file


def bench_files(
    paths: Sequence[str | PathLike[str]],
    reading: Reading = AS_WRITTEN,
    options: Options | None = None,
    budget: Budget = UNLIMITED,
) -> Report:
    """Read kernel files, prove them, and time them against each other and the rivals asked for.

    Raises InputError for a kernel that is refuted, LimitReached for one that could not be proved,
    for only what sorts is timed, or where the budget ends before the last round.
    """
    kernels = []
    for path in paths:
        checked = verify_file(path, reading, budget=budget)
        require_proof(checked)
        kernels.append(checked.file.kernel)
    return bench(list(zip(short_names(paths), kernels, strict=True)), options, budget=budget)
