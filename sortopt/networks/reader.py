"""Text to network: Dobbelaere's JSON, lists of pairs, and Knuth diagrams.

Sources of the forms: Dobbelaere's list of sorting networks (JSON objects with N, L, D and nw;
lists such as `[(0,2),(1,3)]`, one line a layer), and the pairs `0:1,2:3` that many programs take.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from sortopt.errors import InputError, Source, Span
from sortopt.networks.diagram import is_diagram, read_diagram
from sortopt.networks.network import MOST_CHANNELS, Comparator, Network, untangle

FORMS = ("json", "list", "pairs", "diagram")
"""The forms that are read: JSON, lists `[(0,1),(2,3)]`, pairs `0:1,2:3`, Knuth diagrams."""


@dataclass(frozen=True, slots=True)
class NetworkFile:
    """A network as read, and the one of `FORMS` it was written in."""

    network: Network
    form: str


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
    the network is untangled; else that is an error.  Text behind `#` is skipped.  Raises
    InputError with the place of the fault.

    >>> parse_network("0:2, 0:1, 1:2").network.size
    3
    """
    source = Source(name, text)
    bare = re.sub(r"#[^\n]*", lambda comment: " " * len(comment[0]), text)
    if bare.lstrip().startswith("{"):
        pairs, named, form = *_read_json(bare, source), "json"
        channels = named if channels is None else channels
    elif is_diagram(bare):
        network = read_diagram(bare, source)
        if channels not in (None, network.channels):
            raise InputError(f"the diagram has {network.channels} channels, not {channels}")
        return NetworkFile(network, "diagram")
    else:
        pairs, form = list(_read_pairs(bare, source)), "pairs" if ":" in bare else "list"
        if not pairs:
            raise InputError("no comparators found", hint="write for example 0:1,2:3").at(source)
    pairs = [(i - first, j - first) for i, j in pairs]
    if channels is None:
        channels = min(max(max(pair) for pair in pairs) + 1, MOST_CHANNELS + 1)
    try:
        build = untangle if any_direction else Network
        made = build(channels, tuple(pairs))
    except InputError as error:
        raise error.at(source) from None
    return NetworkFile(made, form)


def _read_json(text: str, source: Source) -> tuple[list[Comparator], int | None]:
    """Read an object with `nw` (pairs, or layers of pairs) and, if it likes, N, L and D."""
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        span = Span(error.lineno, error.colno)
        raise InputError(f"not JSON: {error.msg}", source=source, span=span) from None
    except RecursionError:
        raise InputError("not a network: nested too deep", source=source) from None
    entries = found.get("nw")
    if not isinstance(entries, list):
        hint = 'the key "nw" must hold the comparators, for example [[0,1],[2,3]]'
        raise InputError("this JSON holds no network", hint=hint, source=source)
    pairs = []
    for entry in entries:
        layer = entry if isinstance(entry, list) and entry and _is_pair(entry[0]) else [entry]
        for pair in layer:
            if not _is_pair(pair):
                raise InputError(f"{json.dumps(pair)[:40]} is no comparator", source=source)
            pairs.append((pair[0], pair[1]))
    channels = found.get("N")
    if channels is not None and not _is_index(channels):
        raise InputError("N must be the number of channels", source=source)
    _check_claims(found, pairs, source)
    return pairs, channels


def _is_index(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_pair(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_is_index, value))


def _check_claims(found: dict[str, object], pairs: list[Comparator], source: Source) -> None:
    size = found.get("L")
    if size is not None and size != len(pairs):
        raise InputError(f"L says {size} comparators, but nw holds {len(pairs)}", source=source)
    if not pairs and found.get("N") is None:
        raise InputError("neither comparators nor N, the number of channels", source=source)


_TOKEN = re.compile(r"\s*(?:(?P<number>\d+)|(?P<mark>[:,;()\[\]])|(?P<bad>\S))")
_CLOSING = {"(": ")", "[": "]"}


def _read_pairs(text: str, source: Source) -> Iterator[Comparator]:
    """Yield pairs i:j, (i,j) and [i,j]; brackets around them must match, commas may be left out."""
    tokens = [token for token in _TOKEN.finditer(text) if token.lastgroup]
    opened: list[re.Match[str]] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if token["bad"]:
            raise _fault(f"unexpected {token['bad']!r}", source, token)
        if token["number"]:
            between, second = _following(tokens, position)
            expected = "," if opened else ":"
            closes = _mark(tokens, position + 3)
            if second is None or between not in (":", expected):
                raise _fault("this is half a comparator", source, token)
            if between == "," and closes != _CLOSING[opened[-1]["mark"]]:
                raise _fault("a comparator has two channels", source, token)
            yield _channel(token, source), _channel(second, source)
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
    start, end = token.span(token.lastgroup or 0)
    text = source.text
    return InputError(
        message,
        hint="write comparators as 0:1,2:3 or [(0,1),(2,3)]",
        source=source,
        span=Span(text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start), end - start),
    )
