"""Text to network: Dobbelaere's JSON, lists of pairs, and Knuth diagrams.

Sources of the forms: Dobbelaere's list of sorting networks (JSON objects with N, L, D and nw;
lists such as `[(0,2),(1,3)]`, one line a layer), the pairs `0:1,2:3` that many programs take, also
as 0-1, 0<->1, (0 1) and 0 1 on a line of its own, and `SWAP(0, 1);`, `sort2(&a[0], &a[1]);`,
`CE<0, 1>(a);` and `if (a[0] > a[1]) swap(a[0], a[1]);` as sources in C and C++ have it.
SorterHunter writes its objects as Python does, {'N':4,'nw':[(0,2),(1,3)]}.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from sortopt.base import InputError, Source, Span
from sortopt.networks.diagram import is_diagram, read_diagram
from sortopt.networks.network import MOST_CHANNELS, Comparator, Network, check_comparator, untangle
from sortopt.networks.surroundings import taken_off, without_comments

FORMS = ("json", "list", "pairs", "diagram")
"""The forms that are read: JSON, lists `[(0,1),(2,3)]`, pairs `0:1,2:3`, Knuth diagrams."""


@dataclass(frozen=True, slots=True)
class NetworkFile:
    """A network as read, and the one of `FORMS` it was written in.

    `called` is what a list calls its comparators, as SWAP in `SWAP(0, 1)`; "" for nothing.
    """

    network: Network
    form: str
    called: str = ""


def parse_network(
    text: str,
    name: str = "<text>",
    *,
    channels: int | None = None,
    first: int = 0,
    any_direction: bool = False,
) -> NetworkFile:
    """Read a network in any of `FORMS`; which one is found out from the text.

    `channels` says how many there are (by default as many as are named), `first` how the first
    channel is called (0 or 1).  With `any_direction`, 3:1 puts the lesser key on channel 3, and
    the network is untangled; else that is an error.  Comments of Python and C are skipped, and of
    lists also headers such as `4 inputs, 5 comparators`, which are held to, and what declares the
    list, or the function around it, in C.  Raises InputError with the place of the fault.

    >>> parse_network("0:2, 0:1, 1:2").network.size
    3
    """
    source = Source(name, text)
    bare = _COMMENT.sub(lambda found: found["text"] or " " * len(found[0]), text)
    json_object = _JSON.match(bare) is not None
    if not json_object and is_diagram(bare):
        network = read_diagram(bare, source)
        if channels not in (None, network.channels):
            raise InputError(f"the diagram has {network.channels} channels, not {channels}")
        return NetworkFile(network, "diagram")
    called = ""
    if json_object:
        form, (found, named) = "json", _read_json(bare, source)
    else:
        around = taken_off(without_comments(source))
        form, found = "pairs" if ":" in around.text else "list", [*_read_pairs(around.text, source)]
        named, called = around.channels, next(_WORD.finditer(around.text), [""])[0]
        if not found:
            raise InputError("no comparators found", hint=_HINT, source=source)
        _check_first(found, source)
        _check_lists(found, around.text, source)
        if around.size not in (None, len(found)):
            message = f"the header says {around.size} comparators, but {len(found)} follow"
            raise InputError(message, source=source)
    channels = named if channels is None else channels
    top = max((max(pair) for pair, _ in found), default=first)
    channels = top + 1 - first if channels is None else channels
    if not 1 <= channels <= MOST_CHANNELS:
        message = f"a network has 1 to {MOST_CHANNELS} channels, not {channels}"
        raise InputError(message, source=source)
    pairs = tuple(_standard(found, channels, first, source, any_direction=any_direction))
    build = untangle if any_direction else Network
    return NetworkFile(build(channels, pairs), form, called)


def _check_first(found: list[_Placed], source: Source) -> None:
    """Raise InputError where the first line may say how many channels and comparators follow."""
    ((channels, size), place), rest = found[0], found[1:]
    top = max((max(pair) for pair, _ in rest), default=channels + 1)
    if place and size == len(rest) and top <= channels and ":" not in source.text[slice(*place)]:
        what = f"{channels} channels and {size} comparators"
        raise InputError(
            f"this is a comparator, or a header that says {what}",
            hint=f"write {channels}:{size}, or {channels} inputs, {size} comparators",
            source=source, span=source.span(*place),
        )  # fmt: skip


def _check_lists(found: list[_Placed], text: str, source: Source) -> None:
    """Raise InputError where there are several lists, and not each is a layer: several networks."""
    lists: list[list[int]] = [[]]
    start = last = 0, 0
    for pair, place in found:
        assert place
        closed = sum(mark in ")]}" for mark in text[last[1] : place[0]])
        if closed > (":" not in text[slice(*last)]):
            lists.append([])
            start = place
        lists[-1] += pair
        last = place
    if len(lists) > 1 and any(len(set(listed)) < len(listed) for listed in lists):
        raise InputError(
            f"a list ends before this, and not each of the {len(lists)} is a layer",
            hint="hand in one network at a time, its comparators in one list or a list a layer",
            source=source, span=source.span(*start),
        )  # fmt: skip


_HINT = "write comparators as 0:1,2:3 or [(0,1),(2,3)]"
_COMMENT = re.compile(r'(?P<text>"(?:[^"\\\n]|\\.)*")|#[^\n]*')
_JSON = re.compile(r"""\s*\{\s*["'}]""")
_AS_PYTHON = re.compile(r"\s*\{\s*'")
_TO_JSON = str.maketrans("'()", '"[]')

_Placed = tuple[Comparator, tuple[int, int] | None]
"""A comparator as written, and where in the text it begins and ends."""


def _standard(
    found: list[_Placed], channels: int, first: int, source: Source, *, any_direction: bool
) -> Iterator[Comparator]:
    """Yield the comparators with channels from 0, each checked where it stands."""
    for (i, j), place in found:
        i, j = i - first, j - first
        try:
            if min(i, j) < 0:
                raise InputError(f"channels count from {first} here")
            check_comparator((min(i, j), max(i, j)) if any_direction else (i, j), channels)
        except InputError as error:
            if first == 0 and all(min(pair) > 0 for pair, _ in found):
                error.hint = "where channels count from one, give --from-one"
            raise error.at(source, place and source.span(*place)) from None
        yield i, j


def _read_json(text: str, source: Source) -> tuple[list[_Placed], int | None]:
    """Read an object with `nw` (pairs, or layers of pairs) and, if it likes, N and L."""
    if _AS_PYTHON.match(text):
        text = text.translate(_TO_JSON)
    try:
        found = json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        span = Span(error.lineno, error.colno)
        raise InputError(f"not JSON: {error.msg}", source=source, span=span) from None
    except InputError as error:
        raise error.at(source) from None
    except (RecursionError, ValueError) as error:
        deep = isinstance(error, RecursionError)
        what = "brackets stand too deep" if deep else "a number has too many digits"
        raise InputError(f"not a network: {what}", source=source) from None
    entries = found.get("nw")
    if not isinstance(entries, list):
        hint = 'the key "nw" must hold the comparators, for example [[0,1],[2,3]]'
        raise InputError("this JSON holds no network", hint=hint, source=source)
    pairs: list[_Placed] = []
    for entry in entries:
        layer = entry if isinstance(entry, list) and entry and _is_pair(entry[0]) else [entry]
        for pair in layer:
            if not _is_pair(pair):
                raise InputError(f"{json.dumps(pair)[:40]} is no comparator", source=source)
            pairs.append(((pair[0], pair[1]), None))
    channels = found.get("N")
    if channels is not None and not _is_index(channels):
        raise InputError("N must be the number of channels", source=source)
    _check_claims(found, pairs, source)
    return pairs, channels


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return an object of JSON; raises InputError where it names a key twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        hint = "leave out what is not meant"
        raise InputError("this JSON names something twice", hint=hint)
    return found


def _is_index(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= 999


def _is_pair(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_is_index, value))


def _check_claims(found: dict[str, object], pairs: list[_Placed], source: Source) -> None:
    size = found.get("L")
    if size is not None and size != len(pairs):
        raise InputError(f"L says {size} comparators, but nw holds {len(pairs)}", source=source)
    if not pairs and found.get("N") is None:
        raise InputError("neither comparators nor N, the number of channels", source=source)


_TOKEN = re.compile(r"(?P<number>[0-9]+)|(?P<mark>[:,;()\[\]{}])|(?P<bad>(?P<word>[^\W\d]\w*)|\S)")
_WORD = re.compile(r"[^\W\d]\w*")
_SWAPS = ("swap", "sort", "exch", "xchg", "compare", "comparator", "minmax", "min_max")
_CLOSING = {"(": ")", "[": "]", "{": "}"}


def _read_pairs(text: str, source: Source) -> Iterator[_Placed]:
    """Yield pairs i:j, (i,j) and [i,j]; brackets around them must match, commas may be left out."""
    tokens = list(_TOKEN.finditer(text))
    opened: list[re.Match[str]] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if (
            token["word"]
            and _names_comparator(token["word"])
            and _mark(tokens, position + 1) == "("
        ):
            position += 1
            continue
        if token["bad"]:
            raise _fault(f"unexpected {token['bad'][:40]!r}", source, token)
        if token["number"]:
            between, second = _following(tokens, position)
            expected = "," if opened else ":"
            closes = _mark(tokens, position + 3)
            if second is None or between not in (":", expected):
                raise _fault("this is half a comparator", source, token)
            if between == "," and closes != _CLOSING[opened[-1]["mark"]]:
                raise _fault("a comparator has two channels", source, token)
            yield (_channel(token, source), _channel(second, source)), (token.start(), second.end())
            position += 3
            continue
        if token["mark"] in _CLOSING:
            opened.append(token)
        elif token["mark"] in _CLOSING.values():
            if not opened or _CLOSING[opened[-1]["mark"]] != token["mark"]:
                raise _fault(f"{token['mark']!r} closes nothing", source, token)
            opened.pop()
        elif token["mark"] == ":":
            raise _fault("a channel is missing before this", source, token)
        position += 1
    if opened:
        raise _fault(f"{opened[-1]['mark']!r} is never closed", source, opened[-1])


def _names_comparator(word: str) -> bool:
    """Return whether `word` before (i, j) is what people call a comparator, such as CSWAP."""
    plain = word.lower()
    return plain in ("ce", "cas", "cex") or any(name in plain for name in _SWAPS)


def _following(
    tokens: list[re.Match[str]], position: int
) -> tuple[str | None, re.Match[str] | None]:
    """Return the mark and the number that follow the token at `position`, None where missing."""
    mark = _mark(tokens, position + 1)
    second = tokens[position + 2] if position + 2 < len(tokens) else None
    return mark, second if second is not None and second["number"] else None


def _mark(tokens: list[re.Match[str]], position: int) -> str | None:
    return tokens[position]["mark"] if position < len(tokens) else None


def _channel(token: re.Match[str], source: Source) -> int:
    digits = token["number"].lstrip("0") or "0"
    if len(digits) > 3 or int(digits) > MOST_CHANNELS:
        raise _fault(f"channel {digits[:12]}: there are at most {MOST_CHANNELS}", source, token)
    return int(digits)


def _fault(message: str, source: Source, token: re.Match[str]) -> InputError:
    return InputError(message, hint=_HINT, source=source, span=source.span(*token.span()))
