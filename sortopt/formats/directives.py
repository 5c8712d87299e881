"""Directives: what the comments above the first instruction say about a kernel.

A directive is a comment line of its own of the form `name: value`.  Behind two blanks a remark in
words may follow the value.  A single word before the colon that is nearly a directive's name is an
error, for a misspelt `assume` would change the verdict; any other comment stays a comment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeVar

from sortopt.base import InputError
from sortopt.formats.lexer import Line, Token
from sortopt.model import (
    ALWAYS,
    Goal,
    Precondition,
    Rung,
    parse_goal,
    parse_precondition,
    parse_rung,
)

DIRECTIVES = ("inputs", "outputs", "cells", "isa", "assume", "goal", "keep", "expect", "source")
"""The directives, in the order in which they are printed."""
EXPECTATIONS = ("proved", "refuted")
"""What `expect` may say."""
NO_PRECONDITION = "none"
"""What `assume` says where no precondition is meant."""

_T = TypeVar("_T")

_SYNONYMS = {
    "precondition": "assume", "preconditions": "assume", "assumption": "assume",
    "assumptions": "assume", "assuming": "assume", "expected": "expect",
}  # fmt: skip
_NAMED = re.compile(r"([A-Za-z]+)\s*:")
_JOINERS = frozenset(("and", "or", "xor", "not", "if", "when", "unless"))
_REMARK = re.compile(r"(?:\s{2,}|\t)(?:(?=\()|(?P<word>[A-Za-z]{2,}))")


@dataclass(frozen=True, slots=True)
class Header:
    """The title ("" where there is none) and the values of the directives, each with its place."""

    title: str
    values: Mapping[str, Token]


def read_header(lines: Sequence[Line], *, strict: bool = True) -> Header:
    """Read the directives; raises InputError for one that is misspelt, repeated or misplaced.

    Without `strict`, for text whose comments others wrote, what is nearly one is a comment.
    """
    titles: list[str] = []
    values: dict[str, Token] = {}
    above = True
    for line in lines:
        above = above and not line.code
        comment = None if line.code else line.comment
        if comment is None or not comment.text:
            continue
        if directive_name(comment) is not None:
            name, value = _directive(comment, values, above=above)
            values[name] = value
        elif above:
            if strict:
                check_spelling(comment)
            titles.append(comment.text)
    return Header(titles[0] if titles else "", values)


def _directive(comment: Token, before: Mapping[str, Token], *, above: bool) -> tuple[str, Token]:
    """Return name and value of a directive that stands `above` all instructions, once."""
    colon = comment.text.index(":")
    word = comment.part(0, colon)
    name = word.text.lower()
    if not above:
        raise word.fault(
            f"directive {name!r} stands behind an instruction",
            "directives stand above the first instruction",
        )
    if name in before:
        raise word.fault(f"directive {name!r} is given twice", f"see line {before[name].line}")
    value = comment.part(colon + 1, len(comment.text))
    if not value.text:
        raise word.fault(f"directive {name!r} has no value")
    return name, value


def directive_name(comment: Token) -> str | None:
    """Return the directive that `comment` is, or None."""
    match = _NAMED.match(comment.text)
    name = match[1].lower() if match else None
    return name if name in DIRECTIVES else None


def check_spelling(comment: Token) -> None:
    """Raise InputError where `comment` is nearly a directive."""
    match = _NAMED.match(comment.text)
    if match is None:
        return
    word = match[1].lower()
    near = _SYNONYMS.get(word) or next(iter(get_close_matches(word, DIRECTIVES, 1, 0.75)), None)
    if near:
        raise comment.part(0, match.end(1)).fault(
            f"unknown directive {word!r}",
            f"did you mean {near!r}? (a comment needs another wording, or no colon)",
        )


def without_remark(value: Token, belongs: Callable[[str], bool] = lambda _: False) -> Token:
    """Return `value` without the remark behind it.

    A remark begins behind two blanks or a tab, with a bracket or with a word of letters that
    joins nothing (such as `and`) and for which `belongs` is false.
    """
    for match in _REMARK.finditer(value.text):
        word = match["word"]
        if word is None or (word.lower() not in _JOINERS and not belongs(word)):
            return value.part(0, match.start())
    return value


def read_assume(value: Token) -> Precondition:
    """Read a precondition; raises InputError with its place."""
    value = without_remark(value)
    if value.text.lower() == NO_PRECONDITION:
        return ALWAYS
    try:
        return parse_precondition(value.text)
    except InputError as error:
        place = value
        if error.span is not None:
            start = error.span.column - 1
            place = value.part(start, start + error.span.length)
        raise place.fault(error.message, error.hint) from None


def read_goal(value: Token) -> Goal:
    """Read a goal; raises InputError with its place."""
    return _parsed(value, parse_goal)


def read_keep(value: Token) -> Rung:
    """Read a rung; raises InputError with its place."""
    return _parsed(value, parse_rung)


def _parsed(value: Token, parse: Callable[[str], _T]) -> _T:
    value = without_remark(value)
    try:
        return parse(value.text)
    except InputError as error:
        raise value.fault(error.message, error.hint) from None


def read_expect(value: Token) -> str:
    """Read an expectation; raises InputError with its place."""
    value = without_remark(value)
    word = value.text.lower()
    if word not in EXPECTATIONS:
        raise value.fault(
            f"unknown expectation {value.text[:40]!r}", f"write {' or '.join(EXPECTATIONS)}"
        )
    return word
