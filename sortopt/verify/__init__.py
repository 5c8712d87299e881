"""Verification: two proofs that share no code, and the verdict they give together.

The package is callable: `sortopt.verify(kernel)` is `sortopt.verify.verify(kernel)`, whichever of
its modules was imported before.
"""

import sys
from types import ModuleType
from typing import Any

from sortopt.verdict import Judgement
from sortopt.verify.judge import METHODS, counterexample, verify

__all__ = ["METHODS", "counterexample", "verify"]


class _CallablePackage(ModuleType):
    __wrapped__ = staticmethod(verify)

    def __call__(self, *args: Any, **options: Any) -> Judgement:
        """Call `verify`."""
        return verify(*args, **options)


sys.modules[__name__].__class__ = _CallablePackage
