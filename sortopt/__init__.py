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

# These packages bear the names of functions below.  Importing a package binds it in its parent, so
# they come first, and the functions after them stay bound.
import sortopt.emit
import sortopt.front
import sortopt.optimize
import sortopt.report
import sortopt.search
import sortopt.verify  # noqa: F401
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
    sort_library,
    verify,
)

__version__ = "0.1.0"

__all__ = [
    "__version__",
    "bench",
    "certify",
    "counterexample",
    "emit",
    "front",
    "load",
    "network",
    "optimize",
    "parse",
    "rank",
    "repair",
    "report",
    "search",
    "sort_library",
    "verify",
]
