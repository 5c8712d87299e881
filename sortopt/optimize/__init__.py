"""Shorten any kernel: windows with their context, dropped instructions, comparators without mov.

>>> from sortopt.lower import lower
>>> from sortopt.networks import best
>>> found = optimize(lower(best(3)), time_limit=20)
>>> len(found.original), len(found.kernel), found.judgement.verdict.name
(12, 11, 'proved')

The package is callable: `sortopt.optimize(kernel)` is `sortopt.optimize.optimize(kernel)`.
"""

from sortopt.callable_package import make_callable
from sortopt.optimize.complete import MOST_KEYS
from sortopt.optimize.optimizer import Result, Step, optimize
from sortopt.optimize.pareto import Front, Point, front
from sortopt.optimize.program import Measure

__all__ = ["MOST_KEYS", "Front", "Measure", "Point", "Result", "Step", "front", "optimize"]

make_callable(__name__, optimize)
