"""What stands around the comparators of a list: comments, headers, a declaration, a function of C.

All of it is blanked, so that the comparators keep their places; what a header claims is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sortopt.base import InputError, Source

_COMMENT = re.compile(r"//[^\n]*|/\*.*?(?:\*/|(?P<open>\Z))|#(?:\\\n|[^\n])*", re.S)
_CONDITIONAL = re.compile(r"#(?:if|ifdef|ifndef|elif|else|endif)\b")
_JOINED = re.compile(r"//[^\n]*\\[ \t\r]*")
_DOUBTFUL = re.compile(r"^[ \t]*;[^\n]*\d[^\w\n]+\d[^\n]*", re.M)
"""A comment in Lisp and assembly, where a mark between comparators elsewhere."""
_LABEL = re.compile(
    r"^[ \t]*(?:(?:layer|level|stage|step|round)[ \t]*#?[ \t]*\d+[ \t]*[:.]"
    r"|L?\d+[ \t]*[:.](?=[ \t]*[(\[{]))",
    re.M | re.I,
)
"""The number of a layer before its comparators."""
_HEADER = re.compile(r"\s*(?P<line>[^\n]*)\n?")
_CHANNELS = re.compile(
    r"\b[Nn] ?[=:] ?(\d{1,6})\b|\b(\d{1,6})[ -]?(?:inputs?|channels?|wires?|keys?|elements?)\b",
    re.I,
)
_ALONE = re.compile(r"(\d{1,6})\s*")
_SIZE = re.compile(r"\b(\d{1,6}) ?(?:CEs?|comparators?|comparisons?|compare-exchanges?)\b", re.I)
_PAIR = re.compile(r"[(\[{] ?\d+ ?, ?\d+ ?[)\]}]|\d ?: ?\d")
_DECLARED = re.compile(
    r"[A-Za-z_](?:[\w\s*&<>:\[\],]|\([A-Za-z_][\w\s,]*\)|;(?=\s*\w+\]))*"
    r"(?:=\s*&?(?:\[\w*\](?=[\[\w])[\w\[\]]*)?|[>\s]\w+\s*(?=\{\{))\s*(?=[\[({])"
)
"""What declares a list in C, C++, Python, Rust, Go or JavaScript, up to its first bracket."""
_FUNCTION = re.compile(r"[A-Za-z_][\w\s*&<>:\[\],]*\((?:[^(){};]|\([^(){};]*\))*\)[\s\w]*\{")
_CONTROL = re.compile(r"\b(?:if|for|while|switch|catch|else|do)\b")
_ARRAY = re.compile(r"&?\b(?P<name>[A-Za-z_]\w*)\[(?=\d+\]\s*[,)])(?P<number>\d+)\]")
_FIRST = re.compile(r"(?<=\()\s*&?(?P<name>[A-Za-z_]\w*)\s*,(?=\s*\d+\s*,\s*\d+\s*\))")
_METHOD = re.compile(r"\b(?P<name>[A-Za-z_]\w*)\.(?=\w+\(\s*\d+\s*,\s*\d+\s*\))")
_WHERE = re.compile(
    r"\bif\s*\(\s*(?P<name>[A-Za-z_]\w*)\[(?P<one>\d+)\]\s*(?P<sign>[<>])\s*(?P=name)\[(?P<two>\d+)\]"
    r"\s*\)\s*\{?\s*(?:std::)?swap\(\s*&?(?P=name)\[(?:(?P=one)\]\s*,\s*&?(?P=name)\[(?P=two)"
    r"|(?P=two)\]\s*,\s*&?(?P=name)\[(?P=one))\]\s*\)(?:;\s*\})?"
)
"""Two keys of an array that are exchanged where they are out of order."""
_TEMPLATE = re.compile(
    r"(?<=[A-Za-z_\d])<(?P<pair>\s*\d+\s*,\s*\d+\s*)>"
    r"(?P<rest>(?:::\w+)?\(\s*(?P<name>[A-Za-z_]\w*)?\s*\))?"
)
_DASHED = re.compile(r"(?<![\d-])(\d+)( ?(?:-|–|<?->) ?)(\d+)(?![\d-])")
_SPACED = re.compile(r"([(\[{] ?\d+)( +)(\d+ ?[)\]}])")
_LINE = re.compile(r"^([ \t]*\d+)([ \t]*,[ \t]*|[ \t]+)(\d+[ \t]*)(?=[,;]?\s*$)", re.M)
_MOST = 2000
"""The longest declaration that is looked for, in characters."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A text of comparators alone, and what its header claims, where it does."""

    text: str
    channels: int | None = None
    size: int | None = None


def without_comments(source: Source) -> str:
    """Return the text with comments and lines for the C preprocessor blanked.

    Raises InputError for a conditional part, of which it is not known whether it is compiled.
    """
    for comment in _COMMENT.finditer(source.text):
        if comment["open"] is not None:
            fault = "this comment does not end"
        elif _CONDITIONAL.match(comment[0]):
            fault = "whether what follows is compiled is not known"
        elif _JOINED.fullmatch(comment[0]):
            fault = "in C this comment goes on in the next line, so what is meant is not known"
        else:
            continue
        hint = "leave in what is meant" if "known" in fault else "end it with */"
        raise InputError(fault, hint=hint, source=source, span=source.span(*comment.span()))
    text = _COMMENT.sub(_blank, source.text)
    if doubtful := _DOUBTFUL.search(text):
        raise InputError(
            "whether this line is a comment is not known", hint="leave in what is meant",
            source=source, span=source.span(*doubtful.span()),
        )  # fmt: skip
    return text


def taken_off(text: str) -> Surroundings:
    """Take off what stands around a list of comparators, as far as it is known."""
    channels = size = None
    at = 0
    while (line := _HEADER.match(text, at)) and line["line"] and not _PAIR.search(line["line"]):
        named, counted = _CHANNELS.search(line["line"]), _SIZE.search(line["line"])
        if named is None and channels is None:
            named = _ALONE.fullmatch(line["line"])
        if named is None and counted is None:
            break
        channels = int(next(filter(None, named.groups()))) if named else channels
        size = int(counted[1]) if counted else size
        at = line.end()
    text = _LABEL.sub(_blank, _blanked(text[:at]) + text[at:])
    start = len(text) - len(text.lstrip())
    opened = text[start : start + _MOST]
    declared, function = _DECLARED.match(opened), _FUNCTION.match(opened)
    front = declared or function
    if front and not _CONTROL.search(front[0]):
        end = start + front.end()
        text = _blanked(text[:end]) + text[end:]
        if function is front and text.rstrip().endswith("}"):
            last = text.rindex("}")
            text = f"{text[:last]} {text[last + 1 :]}"
    forms = (_WHERE, _ARRAY, _FIRST, _METHOD, _TEMPLATE)
    if len({found["name"] for form in forms for found in form.finditer(text)}) == 1:
        text = _WHERE.sub(_ordered, text)
        text = _ARRAY.sub(lambda m: f"{m['number'] + ' ':>{len(m[0])}}", text)
        text = _METHOD.sub(_blank, _FIRST.sub(_blank, text))
        text = _TEMPLATE.sub(lambda m: f"({m['pair']}){_blanked(m['rest'] or '')}", text)
    return Surroundings(_with_marks(text), channels, size)


def _with_marks(text: str) -> str:
    """Return the text with 0-1, 0<->1, (0 1), and two numbers a line as 0:1 and (0,1)."""
    text = _DASHED.sub(lambda m: f"{m[1]}{':':{len(m[2])}}{m[3]}", text)
    text = _SPACED.sub(lambda m: f"{m[1]}{',':{len(m[2])}}{m[3]}", text)
    if re.search(r"[:()\[\]{}]", text):
        return text
    return _LINE.sub(lambda m: f"{m[1]}{':':{len(m[2])}}{m[3]}", text)


def _ordered(exchange: re.Match[str]) -> str:
    """Return the comparator that orders two keys as `exchange` does, as long as its text is."""
    pair = exchange["one"], exchange["two"]
    comparator = "({},{})".format(*(pair if exchange["sign"] == ">" else pair[::-1]))
    return comparator + _blanked(exchange[0][len(comparator) :])


def _blank(found: re.Match[str]) -> str:
    return _blanked(found[0])


def _blanked(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
