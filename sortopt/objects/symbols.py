"""The functions of a file by name: by symbol, or by what C++, Rust and MSVC make symbols of."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from sortopt.base import InputError

CHOSEN_AT_START = "STT_LOOS"
"""What pyelftools calls the type of a symbol that another function resolves (STT_GNU_IFUNC)."""
_MOST_LISTED, _MOST_COMPARED, _LONGEST_SHOWN = 12, 1000, 80
LONGEST = 512
"""The longest symbol that is demangled, in characters."""
_LIBRARIES = ("libstdc++.so.6", "libc++abi.so.1", "libc++.1.dylib")
"""Where `__cxa_demangle` is found (Itanium C++ ABI, section 3.4)."""
_RUST_HASH = re.compile(r"::h[0-9a-f]{16}$")
_RUST_NAME = re.compile(r"(?:s[0-9A-Za-z]*_)?([1-9][0-9]*)_?")


@dataclass(frozen=True, slots=True)
class Symbol:
    """A named place in code: `function` says whether the file declares a function there."""

    name: str
    section: int
    start: int
    size: int
    kind: str
    local: bool

    @property
    def function(self) -> bool:
        """Whether the file declares that a function begins here."""
        return self.kind in ("STT_FUNC", CHOSEN_AT_START)


def choose(symbols: Sequence[Symbol], wanted: str | None, shown: str) -> Symbol:
    """Return the function called `wanted`, without a name the only one that `shown` holds.

    A name is a whole symbol, or one of `names_of` it.  Raises InputError naming those there are.
    """
    found = matching(symbols, wanted)
    names = sorted({s.name for s in found})
    if not found:
        raise _missing(symbols, wanted, shown)
    if len({(s.section, s.start) for s in found}) == 1:
        return next(s for s in found if s.name == names[0])
    if len(names) == 1:
        message = f"{shown} holds {len(found)} functions called {_listed(names)}"
        raise InputError(message, hint="hand in a file with the one that is meant")
    if wanted is None:
        message = f"{shown} holds {len(names)} functions: {_listed(names)}"
        raise InputError(message, hint="give --function")
    raise InputError(f"{wanted[:60]!r} may be {_listed(names)}", hint="give the whole name")


def matching(symbols: Sequence[Symbol], wanted: str | None) -> list[Symbol]:
    """Return those that `wanted` names; without a name functions, or whatever a file shows."""
    if wanted is not None:
        exact = [s for s in symbols if s.name == wanted]
        return exact or [s for s in symbols if wanted in names_of(s.name)]
    return [s for s in symbols if s.function] or [s for s in symbols if not s.local] or [*symbols]


def shortened(name: str) -> str:
    """Return a name as messages show it: on one line, and not too long."""
    name = "".join(letter if letter.isprintable() else "?" for letter in name)
    return name if len(name) <= _LONGEST_SHOWN else name[: _LONGEST_SHOWN - 3] + "..."


def _missing(symbols: Sequence[Symbol], wanted: str | None, shown: str) -> InputError:
    names = sorted({s.name for s in symbols})
    if wanted is None or not names:
        message = f"{shown} holds no function"
        return InputError(message, hint="name a file with machine code in it")
    known = [name[:80] for symbol in names for name in (symbol, *names_of(symbol))]
    near = get_close_matches(wanted[:80], known[:_MOST_COMPARED], 1)
    hint = f"did you mean {near[0]}?" if near else f"there is {_listed(names)}"
    return InputError(f"{shown} holds no function {wanted[:60]!r}", hint=hint)


def _listed(names: Sequence[str]) -> str:
    """Return the first of `names`, each with what it stands for in the source."""
    shown = []
    for name in names[:_MOST_LISTED]:
        meaning = demangled(name)
        told = name if meaning in (None, name) else f"{name} ({meaning})"
        shown.append(shortened(told))
    return ", ".join(shown) + (" …" if len(names) > _MOST_LISTED else "")


def demangled(symbol: str) -> str | None:
    """Return the name in the source that `symbol` stands for, None where it is a plain one."""
    if len(symbol) > LONGEST or len(re.findall(r"S[0-9A-Z]*_", symbol)) > 20:
        return None
    if symbol.startswith("_R"):
        path, end = _rust_path(symbol, 2)
        return "::".join(path) if path and end == len(symbol) else None
    if symbol.startswith("?") and "@@" in symbol:
        return "::".join(reversed(symbol[1 : symbol.index("@@")].split("@")))
    if "(" in symbol:
        return symbol
    name = _itanium(symbol) if symbol.startswith("_Z") else None
    return None if name is None else _RUST_HASH.sub("", name)


def names_of(symbol: str) -> frozenset[str]:
    """Return what the function of `symbol` may be called in its source.

    The whole name; without parameters; without its return type; its last part, the base name;
    each also without template arguments.

    >>> sorted(names_of("void ns::sort3<int>(int*)"))[-2:]
    ['sort3<int>', 'void ns::sort3<int>(int*)']
    """
    whole = demangled(symbol)
    if whole is None or "[clone" in whole:
        return frozenset(filter(None, (whole,)))
    parameters = next(_split_at(whole, "("), len(whole))
    head = whole[:parameters]
    path = head[max((place + 1 for place in _split_at(head, " ")), default=0) :]
    base = path[max((place + 1 for place in _split_at(path, ":")), default=0) :]
    plain = (_without_arguments(name) for name in (path, base))
    return frozenset((whole, path + whole[parameters:], path, base, *plain))


def _without_arguments(name: str) -> str:
    shorter = re.sub(r"<[^<>]*>", "", name)
    return name if shorter == name else _without_arguments(shorter)


def _split_at(text: str, mark: str) -> Iterator[int]:
    """Yield where `mark` stands outside brackets, and not at the beginning."""
    depth = 0
    for place, character in enumerate(text):
        if character == mark and depth == 0 and place:
            yield place
        depth += (character in "(<[{") - (character in ")>]}")


@cache
def _itanium(symbol: str) -> str | None:
    library = _library()
    if library is None:
        return None
    demangle, free = library
    status = ctypes.c_int()
    found = demangle(symbol.encode(), None, None, ctypes.byref(status))
    if not found:
        return None
    name = ctypes.string_at(found).decode(errors="replace")
    free(found)
    return name


@cache
def _library() -> tuple[Callable[..., int | None], Callable[..., None]] | None:
    """Return `__cxa_demangle` and `free`, None on a machine without a C++ library."""
    for name in _LIBRARIES:
        with suppress(OSError, AttributeError):
            demangle = getattr(ctypes.CDLL(name), "__cxa_demangle")
            free = ctypes.CDLL(None).free
            demangle.restype, free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
            return demangle, free
    return None


def _rust_path(symbol: str, at: int) -> tuple[list[str], int]:
    """Return the parts of a path that begins at `at`, and where it ends; [] for other paths.

    Source: Rust RFC 2603, `C` a crate's root, `N` a name within a path.
    """
    before: list[str] = []
    kind = symbol[at : at + 1]
    if kind == "N":
        before, at = _rust_path(symbol, at + 2)
    length = _RUST_NAME.match(symbol, at + 1 if kind == "C" else at)
    if kind not in ("C", "N") or (kind == "N" and not before) or length is None:
        return [], at
    end = length.end() + int(length[1])
    return [*before, symbol[length.end() : end]], end
