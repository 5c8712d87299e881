"""Compile ahead what commands would compile when first used, by small work of each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from sortopt.base import Budget, raise_if_interrupted
from sortopt.front import front
from sortopt.networks import best, lower
from sortopt.optimize import optimize
from sortopt.search.beams import anytime
from sortopt.search.bounds import composed_bounds
from sortopt.search.space import Problem
from sortopt.targets import X86_CMOV, X86_MINMAX
from sortopt.tasks import certificates, find
from sortopt.tasks.exploration import landscape


def parts() -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield what there is to compile, by name, and what compiles it."""
    yield "search with proof", lambda: find.find(Problem(3), every=True)
    yield "search of min/max kernels", lambda: find.find(Problem(3, X86_MINMAX))
    for isa in (X86_CMOV, X86_MINMAX):
        yield f"search without proof, {isa.name}", partial(anytime.load, isa)
    yield "lower bounds of four and more keys", lambda: [*composed_bounds(Problem(3), Budget())]
    yield "certificates", _certificate
    yield "landscapes", lambda: landscape(2, slack=1, drawn=20, runs=4)
    two, three = (lower(best(n, "size"), X86_CMOV) for n in (2, 3))
    yield "optimize", lambda: optimize(two, Budget(threads=1))
    yield "the front of length against critical path", lambda: front(three, Budget(threads=1))


def _certificate() -> None:
    with TemporaryDirectory() as folder:
        path = str(Path(folder) / "two.cert")
        answer = find.find(Problem(2))
        raise_if_interrupted(answer.stopped)
        certificates.write(answer, path)
        certificates.check_file(path)
