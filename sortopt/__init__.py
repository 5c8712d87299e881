"""sortopt: a superoptimizer for branchless sorting kernels.

>>> import sortopt
>>> sort2 = sortopt.parse('''
... ; inputs:  eax ecx
... ; outputs: eax ecx
...     mov    edx, eax
...     cmp    eax, ecx
...     cmovg  eax, ecx
...     cmovg  ecx, edx
... ''')
>>> sortopt.verify(sort2).verdict
Proved()
>>> sortopt.counterexample(sort2) is None
True

>>> print(sortopt.emit(sort2, "c").splitlines()[-1])
#endif

What a kernel needs is often a precondition: without its third instruction this one fails, but
not on ascending keys.

>>> broken = sort2.with_instructions(sort2.instructions[:2] + sort2.instructions[3:])
>>> failure = sortopt.counterexample(broken)
>>> failure.inputs, failure.outputs
((2, 1), (2, 2))
>>> sortopt.verify(broken, assume="a <= b").verdict
Proved()

Shortest kernels are found, verified and proved shortest:

>>> answer = sortopt.search(n=3)
>>> answer.length, answer.proved_minimal, answer.verified
(11, True, True)

They become source code in other languages, and are ordered by what they cost, or timed here:

>>> "__asm__" in sortopt.emit(answer.kernels[0], "c")
True
>>> sortopt.rank(answer.kernels, by="latency")[0].unit
'cycles'

Names are loaded when first used, so the import itself costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sortopt.emit import emit as emit
    from sortopt.optimize import optimize as optimize
    from sortopt.pipeline import bench as bench
    from sortopt.pipeline import counterexample as counterexample
    from sortopt.pipeline import parse as parse
    from sortopt.pipeline import rank as rank
    from sortopt.pipeline import search as search
    from sortopt.pipeline import sort_library as sort_library
    from sortopt.verify import verify as verify

__version__ = "0.1.0"

_PACKAGES = ("emit", "optimize", "search", "verify")
"""Names handed on that are packages, callable as the function of their name."""

_FUNCTIONS = ("bench", "counterexample", "parse", "rank", "sort_library")
"""Names handed on from `pipeline`."""

__all__ = [
    "__version__",
    "bench",
    "counterexample",
    "emit",
    "optimize",
    "parse",
    "rank",
    "search",
    "sort_library",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name in _PACKAGES:
        return import_module(f"sortopt.{name}")
    if name in _FUNCTIONS:
        return getattr(import_module("sortopt.pipeline"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
