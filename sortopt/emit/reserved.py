"""Words that a language keeps for itself, so that no function can be called so."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from types import MappingProxyType

_WORDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        language: frozenset(words.split())
        for language, words in {
            "C": """
                abs alignas alignof asm auto bool break case char const constexpr continue default
                do double else enum extern false float for goto if inline int long main nullptr
                register restrict return short signed sizeof static static_assert struct switch
                thread_local true typedef typeof typeof_unqual union unsigned void volatile while
                int32_t int64_t uint32_t uint64_t size_t linux unix i386
            """,
            "C++": """
                and and_eq bitand bitor catch char16_t char32_t char8_t class co_await co_return
                co_yield compl concept const_cast consteval constinit contract_assert decltype
                delete dynamic_cast explicit export friend mutable namespace new noexcept not not_eq
                operator or or_eq private protected public reinterpret_cast requires static_cast std
                template this throw try typeid typename using virtual wchar_t xor xor_eq
            """,
            "Rust": """
                Self abstract as async await become box crate dyn final fn gen impl in let loop
                macro match mod move mut override priv pub ref self super trait type typeof unsafe
                unsized use where yield
            """,
            "Python": " ".join(keyword.kwlist),
            "the assembler": """
                and byte dword eq far flat fword ge gt le lt mmword mod ne near not offset or oword
                qword shl short shr tbyte type word xmmword xor ymmword zmmword
            """,
            "the emitted code": """
                Iterator Key Less Output count group is_less keys less numba out out_keys
                out_payloads payloads places range records result row rows
            """,
        }.items()
    }
)
"""The words by language; macros and types that the C header brings, the names in emitted code."""

_REGISTER = re.compile(
    r"[re]?([abcd]x|[sd]i|[sbi]p)|[abcd]x?l|[abcd]h|[sd]il|[sb]pl|[c-gs]s|st|[er]iz"
    r"|r([89]|[12]\d|3[01])[dwb]?|([cd]r|mm|k|tmm|bnd|[xyz]mm)\d+"
)
"""The registers of x86, which Intel syntax writes without a mark."""

_ANY_CASE = ("the assembler",)


def reserved_by(name: str) -> str | None:
    """Return the language that keeps `name` for itself, or None where every one lets it be."""
    small = name.lower()
    for language, words in _WORDS.items():
        if (small if language in _ANY_CASE else name) in words:
            return language
    return "the assembler, a register" if _REGISTER.fullmatch(small) else None
