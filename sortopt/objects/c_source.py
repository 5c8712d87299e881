"""The functions of a C or C++ file, and which of them has an asm statement to read.

Nothing is preprocessed: a function that the preprocessor could change is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sortopt.base import InputError, Source
from sortopt.objects.c_tokens import Tokens
from sortopt.targets import MACHINES, X86

ASM = ("asm", "__asm__", "__asm")
_QUALIFIERS = (
    "volatile", "__volatile__", "__volatile", "goto", "inline", "__inline__", "__inline",
)  # fmt: skip
_CONTROL = ("if", "for", "while", "switch", "catch", "return", "sizeof", "alignof")
_BEHIND_PARAMETERS = (
    "noexcept", "throw", "decltype", "alignas", "requires", "__attribute__", "__declspec",
)  # fmt: skip
"""Words behind a function's parameters that take brackets of their own."""
_MOST_BEHIND_PARAMETERS = 40
"""How many tokens may stand between a function's parameters and its body."""
_BEFORE_STATEMENT = (";", "{", "}", ")", ":", "else", "do", "__extension__")
_WAY_OUT = "preprocess first: gcc -E FILE > FILE.i"


@dataclass(frozen=True, slots=True)
class CFunction:
    """A function by the places of its tokens: its parameters' ( and ), its body's { and }."""

    name: str
    opening: int
    closing: int
    body: int
    end: int


class CFile:
    """A C or C++ file as tokens, its functions, and where asm statements begin in them."""

    def __init__(self, source: Source) -> None:
        """Find the functions of `source`; raises InputError for a stray carriage return."""
        self.source = source
        self.tokens = Tokens(source)
        self.code = self.tokens.code
        self.closing: dict[int, int] = {}
        """Which token closes each bracket ( and {."""
        self._opening: dict[int, int] = {}
        self._match("(", ")")
        self._match("{", "}")
        self.statements = tuple(self._statements())
        """Where each asm statement begins, and in which function."""

    def _match(self, left: str, right: str) -> None:
        opened: list[int] = []
        for at, piece in enumerate(self.code):
            if piece.kind == "other" and piece.text == left:
                opened.append(at)
            elif piece.kind == "other" and piece.text == right and opened:
                self._opening[at] = opened.pop()
                self.closing[self._opening[at]] = at

    def _statements(self) -> Iterator[tuple[int, CFunction | None]]:
        inside: list[CFunction] = []
        for at, piece in enumerate(self.code):
            while inside and at >= inside[-1].end:
                inside.pop()
            if piece.kind == "other" and piece.text == "{":
                function = self._function(at)
                inside += [function] if function else []
            elif piece.kind == "word" and piece.text in ASM:
                before = self.code[at - 1].text if at else ";"
                if before in _BEFORE_STATEMENT and (inside or before != ")"):
                    yield at, inside[-1] if inside else None

    def bracket(self, at: int) -> int:
        """Return which token opens the brackets of the asm statement at `at`, or stands there."""
        at += 1
        while at < len(self.code) and self.code[at].text in _QUALIFIERS:
            at += 1
        return at

    def _function(self, brace: int) -> CFunction | None:
        """Return the function whose body opens at `brace`, or None for another block."""
        at = brace - 1
        for _ in range(_MOST_BEHIND_PARAMETERS):
            if at < 2 or self.code[at].text in (";", "{", "}", "="):
                return None
            opening = self._opening.get(at) if self.code[at].text == ")" else None
            if opening:
                before = self.code[opening - 1]
                if before.text not in _BEHIND_PARAMETERS:
                    break
                at = opening - 1
            at -= 1
        else:
            return None
        if before.kind != "word" or before.text in _CONTROL:
            return None
        return CFunction(before.text, opening, at, brace, self.closing.get(brace, len(self.code)))

    def choose(self, wanted: str | None) -> tuple[int, CFunction]:
        """Return the only asm statement of the function `wanted`, or of the file where None.

        Raises InputError that names what there is, and where the preprocessor, or an asm
        statement outside functions, could change what the function is.
        """
        found = [(at, function) for at, function in self.statements if function is not None]
        names = list(dict.fromkeys(function.name for _, function in found))
        listed = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
        if not found:
            raise self._none()
        chosen = [(at, function) for at, function in found if wanted in (None, function.name)]
        if not chosen:
            message = f"no function {(wanted or '')[:60]!r} has an asm statement"
            raise InputError(message, hint=f"there is {listed}")
        at, function = chosen[0]
        others = [other for other in chosen if other[1] != function]
        if others and wanted is None and len(names) > 1:
            raise InputError(f"{len(names)} functions have one: {listed}", hint="give --function")
        if others:
            raise self._fault(
                others[0][0], f"a second function {function.name}",
                "compile the file (-c) and hand in the object file: it tells them apart",
            )  # fmt: skip
        if len(chosen) > 1:
            raise self._fault(
                chosen[1][0],
                "a second asm statement: what the compiler puts between the two is not known",
                "a kernel is one asm statement",
            )
        self._check_outside()
        self._check_preprocessed(function, at)
        return at, function

    def _none(self) -> InputError:
        """Return the error of a file that has no asm statement where it is compiled for x86-64."""
        for machine in MACHINES.values():
            macro = re.search(r"__\w+", machine.macro)
            if machine.tools and macro and re.search(rf"\b{macro[0]}\b", self.source.text):
                return InputError(
                    f"inline assembly is read for {X86.name}, and this is for {machine.name}",
                    hint="hand in the object file of a function that uses it: "
                    f"{machine.tools}-gcc -O2 -c",
                )
        if self.statements:
            return self._fault(
                self.statements[0][0], "this asm statement is in no function that is recognised",
                "compile the file (-c) and hand in the object file",
            )  # fmt: skip
        return InputError(
            "there is no asm statement inside a function",
            hint="a plain C function is read from its object file: compile it with gcc -O2 -c",
        )

    def _fault(self, at: int, message: str, hint: str) -> InputError:
        return self.tokens.place(self.code[at]).fault(message, hint)

    def _check_outside(self) -> None:
        """Refuse asm statements outside functions: they may define macros for all of the file."""
        for at, function in self.statements:
            if function is None:
                raise self._fault(
                    at, "an asm statement outside functions may change what others mean",
                    "compile the file (-c) and hand in the object file",
                )  # fmt: skip

    def _check_preprocessed(self, function: CFunction, statement: int) -> None:
        """Refuse a function that stands in an open conditional part, has one, or uses a macro."""
        for part in self.tokens.conditions.parts:
            end = len(self.code) if part.end is None else part.end
            if not part.decided and part.first <= function.end and end > function.opening:
                raise self.tokens.token(*part.place).fault(
                    "whether the compiler sees this part of the function is not known", _WAY_OUT
                )
        end = self.closing.get(self.bracket(statement), function.end)
        for at in range(function.opening, min(function.end, len(self.code))):
            macro = self.tokens.conditions.macros.get(self.code[at].text)
            if macro is None or self.code[at].kind != "word":
                continue
            number = len(macro.body) == 1 and macro.body[0][0].isdigit()
            if not number or statement < at < end:
                raise self._fault(at, f"{self.code[at].text[:40]} is a macro", _WAY_OUT)
