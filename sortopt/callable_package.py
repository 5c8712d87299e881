"""Packages that can be called: `sortopt.verify(kernel)` is `sortopt.verify.verify(kernel)`.

Importing a package binds it as an attribute of its parent, over a function of that name which the
parent may hand on.  A package that is callable means the same whichever was imported first.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any


def make_callable(package: str, function: Callable[..., Any]) -> None:
    """Let the imported package called `package` be called as `function` is."""

    class CallablePackage(ModuleType):
        __wrapped__ = staticmethod(function)

        def __call__(self, *args: Any, **options: Any) -> Any:
            return function(*args, **options)

    sys.modules[package].__class__ = CallablePackage


def named(module: str, function: str) -> Callable[..., Any]:
    """Return a function that calls `function` of `module`, which is imported when first needed.

    For a package whose function is defined above it in the house.
    """

    def call(*args: Any, **options: Any) -> Any:
        return getattr(import_module(module), function)(*args, **options)

    return call
