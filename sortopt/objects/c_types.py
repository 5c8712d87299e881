"""The declared type of what an asm operand names, as far as the file says it in plain words.

On x86-64 Linux (System V ABI, AMD64, figure 3.1).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from types import MappingProxyType

from sortopt.objects.c_source import ASM, CFile, CFunction
from sortopt.objects.c_tokens import Piece

_QUALIFIERS = frozenset(
    ("const", "volatile", "restrict", "__restrict", "__restrict__", "static", "inline", "extern",
     "constexpr", "std", "::", "typename", "typedef", "register", "thread_local", "mutable")
)  # fmt: skip
NO_TYPE = frozenset(
    ("return", "else", "goto", "case", "break", "continue", "do", "if", "for", "while", "switch",
     "new", "delete", "throw", "using", "namespace", "asm", "__asm__", "__asm", "template",
     "co_return", "co_yield", "co_await")
)  # fmt: skip
"""Words that begin no declaration of a variable."""
_KEYS = {
    "int32": ("int", "int32_t", "i32", "s32", "__s32", "__int32_t", "int_least32_t"),
    "uint32": ("unsigned", "uint32_t", "u_int32_t", "uint", "u32", "__u32", "__uint32_t",
               "uint_least32_t", "char32_t"),
    "int64": ("long", "int64_t", "i64", "s64", "__s64", "__int64_t", "int_least64_t",
              "int_fast64_t", "intmax_t", "ssize_t", "ptrdiff_t", "intptr_t"),
    "uint64": ("long unsigned", "uint64_t", "u_int64_t", "u64", "__u64", "__uint64_t",
               "uint_least64_t", "uint_fast64_t", "uintmax_t", "ulong", "size_t", "uintptr_t"),
}  # fmt: skip
_KEY_OF: Mapping[str, str] = MappingProxyType(
    {name: key for key, names in _KEYS.items() for name in names}
)
_NO_KEYS = frozenset(
    ("float", "double", "double long", "char", "char unsigned", "short", "short unsigned", "bool",
     "_Bool", "int8_t", "uint8_t", "int16_t", "uint16_t", "_Float16", "__int128", "wchar_t",
     "__int128 unsigned", "char8_t", "char16_t", "u8", "u16", "i8", "i16", "s8", "s16",
     "int_fast32_t", "uint_fast32_t")  # which have 32 bits or 64
)  # fmt: skip

_LONGEST = 40
"""The longest expression that is looked at, in tokens."""


@dataclass(frozen=True, slots=True)
class CType:
    """A type: its name in a fixed wording, and how many pointers or arrays are around it."""

    name: str
    depth: int = 0
    register: bool = False
    reference: bool = False

    @property
    def key(self) -> str | None:
        """The name of the key type that it is, or None where that is not known."""
        return "uint64" if self.depth > 0 else _KEY_OF.get(self.name)

    @property
    def no_key(self) -> bool:
        """Whether values of the type are known to be no keys that are judged."""
        return self.depth == 0 and self.name in _NO_KEYS

    def deeper(self, more: int) -> CType | None:
        """Return the type with `more` pointers around it, None where there are not so many."""
        depth = self.depth + more
        return CType(self.name, depth) if depth >= 0 else None


class Declarations:
    """What a file declares, as it is visible where an asm statement stands."""

    def __init__(self, file: CFile, function: CFunction, statement: int) -> None:
        """Read the declarations up to the token `statement`, which is in `function`."""
        self._code = file.code
        self._outside = 0
        self._scopes: list[dict[str, CType]] = [{}]
        self._types: list[dict[str, CType]] = [{}]
        begins = True
        for at in range(statement):
            text = self._code[at].text
            if begins:
                self._declare(at, statement)
            begins = text in (";", "{", "}")
            if text == "{":
                self._scopes.append({})
                self._types.append({})
            elif text == "}" and len(self._scopes) > 1:
                self._scopes.pop()
                self._types.pop()
            if at == function.body:
                self._outside = len(self._scopes) - 1
                self._parameters(function)

    def type_of(self, expression: Sequence[Piece]) -> CType | None:
        """Return the type of an expression, where it is a name, a cast, or plainly made of one."""
        words = [piece.text for piece in expression]
        if len(words) == 1:
            return self._look_up(words[0], self._scopes)
        if not words or len(words) > _LONGEST:
            return None
        if words[0] in ("*", "&"):
            inner = self.type_of(expression[1:])
            return inner and inner.deeper(-1 if words[0] == "*" else 1)
        if words[0] == "(":
            end = _closing(words, 0)
            if end == len(words) - 1:
                return self.type_of(expression[1:-1])
            return self._named(words[1:end])
        if words[1] == "[" and _closing(words, 1) == len(words) - 1:
            inner = self.type_of(expression[:1])
            return inner and inner.deeper(-1)
        if words[1] in ("+", "-"):
            inner = self.type_of(expression[:1])
            return inner if inner and inner.depth else None
        return None

    def is_local(self, name: str) -> bool:
        """Return whether `name` is a variable of the function itself, and no reference."""
        found = self._look_up(name, self._scopes[self._outside :])
        return found is not None and not found.reference

    def _look_up(self, name: str, scopes: Sequence[Mapping[str, CType]]) -> CType | None:
        return next((scope[name] for scope in reversed(scopes) if name in scope), None)

    def _named(self, words: Sequence[str]) -> CType:
        """Return the type that specifiers and stars name; a type of the file by what it is."""
        names = [word for word in words if word not in _QUALIFIERS and word not in ("*", "&")]
        stars = words.count("*")
        known = self._look_up(names[0], self._types) if len(names) == 1 else None
        if known is not None:
            return CType(known.name, known.depth + stars)
        plain = set(names) - {"signed"} or {"int"}
        if plain & {"long", "short", "unsigned"}:
            plain -= {"int"}
        return CType(" ".join(sorted(plain)), stars)

    def _parameters(self, function: CFunction) -> None:
        first, depth = function.opening + 1, 0
        for at in range(first, function.closing + 1):
            text = self._code[at].text
            depth += (text in ("(", "[", "<", "{")) - (text in (")", "]", ">", "}"))
            if at == function.closing or (depth == 0 and text == ","):
                self._declare(first, at)
                first = at + 1

    def _declare(self, at: int, end: int) -> None:
        """Note what the declaration that begins at a token declares, if it is one."""
        words, at = self._words(at, end)
        if words[:1] == ["using"] and len(words) == 2 and self._text(at, end) == "=":
            named, at = self._words(at + 1, end)
            stars = takewhile("*".__eq__, (self._code[k].text for k in range(at, end)))
            self._types[-1][words[1]] = self._named([*named, *stars])
        if not words or words[0] in NO_TYPE:
            return
        around = [self._text(at + more, end) for more in (0, 1, 3, 4)]
        if around == ["(", "&", ")", "["]:  # T (&name)[2] is a reference to an array
            name, kind = self._text(at + 2, end), self._named(words)
            self._scopes[-1][name] = CType(kind.name, kind.depth + 1, reference=True)
            return
        if self._text(at, end) not in ("*", "&"):
            words, at = words[:-1], at - 1
        if words:
            kind = self._named(words)
            scope = (self._types if "typedef" in words else self._scopes)[-1]
            for name, depth, register, reference in self._declarators(at, end):
                scope[name] = CType(kind.name, kind.depth + depth, register, reference)

    def _words(self, at: int, end: int) -> tuple[list[str], int]:
        start = at
        while at < end and (self._code[at].kind == "word" or self._code[at].text == "::"):
            if self._code[at].text in ASM:
                break
            at += 1
        return [piece.text for piece in self._code[start:at]], at

    def _text(self, at: int, end: int) -> str:
        return self._code[at].text if at < end else ""

    def _declarators(self, at: int, end: int) -> Iterator[tuple[str, int, bool, bool]]:
        """Yield the names declared from a token on, and how: depth, register, reference."""
        while at < end:
            depth, reference = 0, False
            while self._text(at, end) in ("*", "&") or self._text(at, end) in _QUALIFIERS:
                depth += self._text(at, end) == "*"
                reference = reference or self._text(at, end) == "&"
                at += 1
            name = self._text(at, end)
            at += 1
            while self._text(at, end) == "[":
                depth += 1
                while at < end and self._text(at, end) != "]":
                    at += 1
                at += 1
            if self._text(at, end) == "(":
                return
            yield name, depth, self._text(at, end) in ASM, reference
            brackets = 0
            while at < end and (brackets or self._text(at, end) not in (",", ";")):
                text = self._text(at, end)
                brackets += (text in ("(", "[", "{")) - (text in (")", "]", "}"))
                at += 1
            if self._text(at, end) != ",":
                return
            at += 1


def _closing(words: Sequence[str], at: int) -> int:
    """Return where the bracket that opens at a word closes, or the end."""
    depth = 0
    for place in range(at, len(words)):
        depth += (words[place] in ("(", "[")) - (words[place] in (")", "]"))
        if depth == 0:
            return place
    return len(words)
