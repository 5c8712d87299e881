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

What is heavy is loaded when first used, so the import itself costs next to nothing.
"""

import typing as _typing

# These packages bear the names of functions below.  Importing a package binds it in its parent, so
# they come first, and the functions after them stay bound.
import sortopt.emit
import sortopt.front
import sortopt.optimize
import sortopt.report
import sortopt.search
import sortopt.verify  # noqa: F401
from sortopt import api as _api
from sortopt.api import (
    bench,
    certify,
    counterexample,
    emit,
    front,
    load,
    network,
    optimize,
    parse,
    rank,
    repair,
    report,
    search,
    show,
    sort_library,
    verify,
)
from sortopt.base import (
    Disagreement,
    InputError,
    KernelError,
    LimitReached,
    SortoptError,
    shown_by,
)
from sortopt.model import (
    Counterexample,
    Judgement,
    Kernel,
    Precondition,
    Proved,
    Refuted,
    Unknown,
    Unsafe,
)

if _typing.TYPE_CHECKING:
    from sortopt.doors import Answer as Answer
    from sortopt.doors import CheckedNetwork as CheckedNetwork
    from sortopt.doors import Landscape as Landscape
    from sortopt.doors import Library as Library
    from sortopt.doors import Network as Network
    from sortopt.doors import Picture as Picture
    from sortopt.doors import landscape as landscape
    from sortopt.doors import rungs as rungs

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "CheckedNetwork",
    "Counterexample",
    "Disagreement",
    "InputError",
    "Judgement",
    "Kernel",
    "KernelError",
    "Landscape",
    "Library",
    "LimitReached",
    "Network",
    "Picture",
    "Precondition",
    "Proved",
    "Refuted",
    "SortoptError",
    "Unknown",
    "Unsafe",
    "__version__",
    "bench",
    "certify",
    "counterexample",
    "emit",
    "front",
    "landscape",
    "load",
    "network",
    "optimize",
    "parse",
    "rank",
    "repair",
    "report",
    "rungs",
    "search",
    "show",
    "sort_library",
    "verify",
]

shown_by("sortopt.report.display")


def __dir__() -> list[str]:
    """Return what `import sortopt` gives: for completion, and for `help(sortopt)`."""
    return sorted(__all__)


def __getattr__(name: str) -> object:
    """Return a type of answers, or a function, loaded when first used."""
    if name in __all__:
        return getattr(_api, name)
    raise AttributeError(f"sortopt has no {name!r}")
