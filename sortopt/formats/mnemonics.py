"""Mnemonics: the forms of the model under all their spellings, and what lies outside it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from types import MappingProxyType

from sortopt.base import InputError
from sortopt.formats.lexer import Token
from sortopt.model import Form, Isa, Machine
from sortopt.targets import COMPARING, ISAS, X86

Spellings = Mapping[str, tuple[Isa, Form]]
"""The instruction set and form of every mnemonic, in lower case."""


def spellings(machine: Machine) -> Spellings:
    """Return every mnemonic of `machine`, other spellings included.

    Its sets share no mnemonic but those of equal forms; each is given with the first of its sets.
    """
    isas = [i for i in ISAS.values() if i.machine.architecture == machine.architecture]
    table: dict[str, tuple[Isa, Form]] = {}
    for isa in isas:
        for name, form in isa.forms.items():
            table.setdefault(name, (isa, form))
    return MappingProxyType(
        table | {other: table[name] for isa in isas for other, name in isa.spellings.items()}
    )


SPELLINGS = spellings(X86)
"""The mnemonics of x86, which the dialects read."""


def first_with(forms: Collection[Form], preferred: Isa | None = None) -> Isa | None:
    """Return the first set that has all of `forms`, `preferred` before others, or None."""
    isas = [*([preferred] if preferred else []), *ISAS.values(), *COMPARING]
    return next(
        (isa for isa in isas if all(isa.forms.get(form.mnemonic) == form for form in forms)), None
    )


def unknown(token: Token, extra: Iterable[str] = (), machine: Machine = X86) -> InputError:
    """Return the error for a mnemonic that the model of `machine` does not have.

    `extra` holds further spellings that a near miss may be compared to.
    """
    word = token.text.lower()[:40]
    known = spellings(machine)
    near = get_close_matches(word, [*known, *extra], n=1, cutoff=0.75)
    what = outside(word, machine) or (None if near else _match(word, machine.broadly_outside))
    summaries = dict.fromkeys(isa.summary for isa, _ in known.values())
    model = f"the model has {'; or '.join(summaries)}"
    if word in known or what:
        why = "with such operands is" if word in known else f"{what}, which is"
        message = f"{word} {why} outside the model"
        return token.fault(message, model, around=True, listed=True)
    message = f"unknown mnemonic {word!r}"
    if near:
        return token.fault(message, f"did you mean {near[0]}?")
    return token.fault(message, model, listed=True)


def outside(word: str, machine: Machine) -> str | None:
    """Return why the mnemonic `word` is no part of any kernel, None where that is not known."""
    return _match(word, machine.outside)


def _match(word: str, patterns: tuple[tuple[str, str], ...]) -> str | None:
    return next((what for pattern, what in patterns if re.fullmatch(pattern, word)), None)
