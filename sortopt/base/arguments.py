"""Wrong types of arguments, said in words: what was given, what is wanted, what makes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from inspect import signature
from numbers import Integral, Real
from os import PathLike
from types import NoneType
from typing import Any, ParamSpec, TypeVar

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")

_PLAIN = {
    "int": (Integral, "a whole number"),
    "float": (Real, "a number"),
    "str": (str, "a text"),
    "bool": (bool, "True or False"),
    "None": (NoneType, "None"),
    "PathLike": (PathLike, "a path"),
    "Sequence": (Sequence, "a list or tuple"),
    "Mapping": (Mapping, "a dict"),
}
_HINTS = {("Kernel", "str"): "sortopt.parse(text) and sortopt.load(path) make one"}


def check_arguments(function: Callable[_Given, _Result]) -> Callable[_Given, _Result]:
    """Have `function` raise TypeError for an argument whose type is not the one it declares.

    Checked are the plain types above, and classes that the function's module knows.
    """
    known, parameters = function.__globals__, signature(function).parameters

    @wraps(function)
    def checked(*args: _Given.args, **kwargs: _Given.kwargs) -> _Result:
        given = dict(zip(parameters, args, strict=False)) | kwargs
        for name, value in given.items():
            if name in parameters:
                where = f"{function.__name__}: {name}"
                _check(where, value, str(parameters[name].annotation), known)
        return function(*args, **kwargs)

    return checked


def _check(where: str, value: object, annotation: str, known: Mapping[str, Any]) -> None:
    """Raise TypeError where `value` is none of the types that `annotation` names."""
    while (outer := re.sub(r"\[[^\[\]]*\]", "", annotation)) != annotation:
        annotation = outer
    wanted = [
        _PLAIN.get(name) or (known.get(name), f"a {name}") for name in annotation.split(" | ")
    ]
    kinds = [kind for kind, _ in wanted if isinstance(kind, type)]
    if len(kinds) < len(wanted) or any(_is(value, kind) for kind in kinds):
        return
    *first, last = (words for _, words in wanted)
    words = f"{', '.join(first)} or {last}" if first else last
    given = type(value).__name__
    hint = next((h for (kind, got), h in _HINTS.items() if got == given and kind in annotation), "")
    raise TypeError(f"{where} must be {words}, not {given}" + (f"; {hint}" if hint else ""))


def _is(value: object, kind: type) -> bool:
    """Whether `value` is of a kind; a text is no list, and True is no number."""
    wrongly = (isinstance(value, str) and kind is Sequence) or (
        isinstance(value, bool) and kind is not bool
    )
    return isinstance(value, kind) and not wrongly
