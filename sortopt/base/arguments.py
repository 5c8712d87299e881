"""Wrong arguments, said in words: what was given, what is wanted, what makes it."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from inspect import signature
from numbers import Integral, Real
from os import PathLike
from types import NoneType
from typing import Any, ParamSpec, TypeVar, cast

from sortopt.base.errors import InputError

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")

_PLAIN: Mapping[str, tuple[type, str]] = {
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
_MOST = {"seed": 2**32 - 1, "rounds": 100_000, "drawn": 10**7, "runs": 10**7, "most_added": 100}
"""The greatest sensible values of arguments with these names; none may be negative."""


def check_arguments(function: Callable[_Given, _Result]) -> Callable[_Given, _Result]:
    """Have `function` raise TypeError for an argument whose type is not the one it declares.

    Checked are the plain types above, what lists and dicts hold, and classes.  Raises InputError
    for a word that is none of a `Literal`, and for a number beyond `_MOST`.  Numbers of other
    libraries (NumPy's) reach `function` as Python's own.
    """
    known, parameters = function.__globals__, signature(function).parameters
    declared = {n: str(p.annotation) for n, p in parameters.items() if p.kind is not p.VAR_KEYWORD}

    def plain(name: str, value: object) -> object:
        if name not in declared:
            return value
        where = f"{function.__name__}: {name}"
        value = _checked(where, value, declared[name], known)
        if name in _MOST and isinstance(value, int) and not 0 <= value <= _MOST[name]:
            raise InputError(f"{where} must be from 0 to {_MOST[name]}, not {value}")
        return value

    @wraps(function)
    def checked(*args: _Given.args, **kwargs: _Given.kwargs) -> _Result:
        first = [plain(name, value) for name, value in zip(declared, args, strict=False)]
        named = {name: plain(name, value) for name, value in kwargs.items()}
        return cast(Any, function)(*first, *args[len(first) :], **named)  # type: ignore[no-any-return]

    return checked


def _checked(where: str, value: object, annotation: str, known: Mapping[str, Any]) -> object:
    """Return `value`; raise TypeError where it is of none of the types in `annotation`."""
    words = []
    for wanted in re.split(r" \| (?![^\[]*\])", annotation):
        name, _, inner = wanted.rstrip("]").partition("[")
        if name == "Literal":
            return _chosen(where, value, literal_eval(f"({inner},)"))
        kind, said = _PLAIN.get(name) or (known.get(name), f"a {name}")
        if _is(value, kind if isinstance(kind, type) else name):
            return _elements(where, value, name, inner, known)
        words.append(said)
    wish = " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
    given = type(value).__name__
    hint = next((h for (made, got), h in _HINTS.items() if got == given and made in annotation), "")
    raise TypeError(f"{where} must be {wish}, not {given}" + (f"; {hint}" if hint else ""))


def _is(value: object, kind: type | str) -> bool:
    """Whether `value` is of a kind, a class or the name of one that is not loaded here.

    A text is no list, and True is no number.
    """
    if isinstance(kind, str):
        return any(base.__name__ == kind for base in type(value).__mro__)
    if kind is bool:
        return isinstance(value, bool) or type(value).__name__ in ("bool", "bool_")
    wrongly = kind is Sequence and isinstance(value, str | bytes)
    return isinstance(value, kind) and not wrongly and not isinstance(value, bool)


def _chosen(where: str, value: object, choices: tuple[str, ...]) -> object:
    """Return `value`; raise TypeError or InputError where it is none of `choices`."""
    words = " or ".join(map(repr, choices))
    if not isinstance(value, str):
        raise TypeError(f"{where} must be {words}, not {type(value).__name__}")
    if value not in choices:
        raise InputError(f"{where} must be {words}, not {value!r}")
    return value


def _elements(where: str, value: Any, name: str, inner: str, known: Mapping[str, Any]) -> object:
    """Return `value` with plain numbers; raise TypeError for what is wrong in a list or dict."""
    match name:
        case "int" | "float" | "bool" if type(value).__module__ == "numpy":
            return value.item()
        case "Sequence":
            parts = (_checked(f"{where}[{i}]", v, inner, known) for i, v in enumerate(value))
            return tuple(parts)
        case "Mapping":
            key, _, part = inner.partition(", ")
            return {
                _checked(f"a key of {where}", k, key, known): _checked(
                    f"{where}[{k!r}]", v, part, known
                )
                for k, v in value.items()
            }
        case _:
            return value
