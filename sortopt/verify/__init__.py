"""Verification: two proofs that share no code, and the verdict they give together.

The package is callable: `sortopt.verify(kernel)` is `sortopt.verify.verify(kernel)`.
"""

from sortopt.callable_package import make_callable
from sortopt.verify.judge import METHODS, counterexample, verify

__all__ = ["METHODS", "counterexample", "verify"]

make_callable(__name__, verify)
