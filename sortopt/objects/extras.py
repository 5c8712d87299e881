"""The libraries that only these readers need: an extra of the package, loaded when used."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from sortopt.base import InputError

EXTRAS = {"lief": "objects"}
"""Which extra brings a library, where it is not "asm"."""


def library(name: str, purpose: str) -> ModuleType:
    """Import the library `name`; raises InputError naming the extra that brings it."""
    try:
        return import_module(name)
    except ImportError:
        raise InputError(
            f"{purpose} needs {name.partition('.')[0]}, which is not installed",
            hint=f"pip install 'sortopt[{EXTRAS.get(name, 'asm')}]'",
        ) from None
