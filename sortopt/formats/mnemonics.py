"""Mnemonics of x86: the forms of the model under all their spellings, and what lies outside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from sortopt.base import InputError
from sortopt.formats.lexer import Token
from sortopt.model import Form, Isa
from sortopt.targets import CONDITION_ALIASES, CONDITIONS, X86_CMOV, X86_MINMAX

X86_ISAS: tuple[Isa, ...] = (X86_CMOV, X86_MINMAX)
"""The instruction sets that the dialects read; their mnemonics do not overlap."""

MODEL = (
    f"the model has mov, cmp and cmovCC with CC one of {' '.join(CONDITIONS)}; "
    f"or {', '.join(X86_MINMAX.forms)}"
)
"""One clause that says which instructions there are."""


def _spellings() -> Mapping[str, tuple[Isa, Form]]:
    table = {name: (isa, form) for isa in X86_ISAS for name, form in isa.forms.items()}
    for alias, name in CONDITION_ALIASES.items():
        table["cmov" + alias] = table["cmov" + name]
    return MappingProxyType(table)


SPELLINGS: Mapping[str, tuple[Isa, Form]] = _spellings()
"""The instruction set and form of every mnemonic, condition aliases included, in lower case."""

_OUTSIDE = (
    (r"j(mp|n?[abgl]e?|n?[ceopsz]|p[eo]|[er]?cxz)q?|loop\w*", "is a jump"),
    (r"(call|ret|enter|leave|syscall|int\d?)[lq]?", "leaves the kernel"),
    (r"set\w{1,4}", "stores a flag as a byte"),
    (r"cmov(n?[sop]|p[eo])[lq]?", "tests a flag that comparing keys does not need"),
    (r"(add|adc|sub|sbb|inc|dec|neg|i?mul|i?div|mulx|adcx|adox)[bwlq]?", "is arithmetic"),
    (r"(and|or|xor|not|andn|sh[lr]|sa[lr]|ro[lr]|rc[lr]|bs[fr]|bt[rsc]?|[lt]zcnt|popcnt)[bwlq]?",
     "works on bits"),
    (r"(lea|cdqe?|cqo|cltq|cltd|cqto)[lq]?", "is arithmetic"),
    (r"mov(zx|sx|sxd|[sz][bwl][wlq]|abs|be)[lq]?", "changes a key's width or bytes"),
    (r"(test|cmpxchg\w*|bound)[bwlq]?", "compares in another way than cmp"),
    (r"(xchg|xadd|bswap)[bwlq]?", "exchanges operands"),
    (r"(push|pop)\w*", "uses the stack"),
    (r"vp?(min|max|mov)\w+", "is an AVX instruction"),
    (r"mov(dqu|ap[sd]|up[sd]|ntdqa?|[dq]|hlps|lhps)", "moves in another way than mov or movdqa"),
    (r"p(min|max)(u[bwq]|s[bwq])", "reads keys of another width than 32 bits"),
    (r"(min|max)[sp][sd]|u?comis[sd]|shufp[sd]|blendvp[sd]",
     "is a vector instruction of another kind"),
    (r"(nop|lock|rep\w*|pause|cpuid|endbr64|ud2|hlt|[lms]fence)[lwq]?", "is no move or comparison"),
    (r"(csel|cset|ldr|str|ldp|stp|b|bl|cbn?z|subs|adds|s[mx]in|umin|umax)", "is not an x86 one"),
)  # fmt: skip
_BROADLY_OUTSIDE = (
    (r"v(p|mov|add|sub|min|max|blend|shuf|perm|broadcast|ins|ext|cmp|and|or|xor)\w+",
     "is an AVX instruction"),
    (r"p(add|sub|mul|cmp|shuf|blend|and|or|xor|unpck|ack|ext|ins|mov|s[lr]|test|abs|align)\w*",
     "is a vector instruction of another kind"),
    (r"f(ld|i?st|add|sub|mul|div|u?com|cmov|xch|ild|abs|chs|sqrt|nop|init|wait)\w*",
     "is a floating-point instruction"),
)  # fmt: skip


def unknown(token: Token, extra: tuple[str, ...] = ()) -> InputError:
    """Return the error for a mnemonic that the model does not have.

    `extra` holds further spellings that a near miss may be compared to.
    """
    word = token.text.lower()[:40]
    near = get_close_matches(word, [*SPELLINGS, *extra], n=1, cutoff=0.75)
    what = _match(word, _OUTSIDE) or (None if near else _match(word, _BROADLY_OUTSIDE))
    if what:
        return token.fault(f"{word} {what}, which is outside the model", MODEL)
    return token.fault(f"unknown mnemonic {word!r}", f"did you mean {near[0]}?" if near else MODEL)


def _match(word: str, patterns: tuple[tuple[str, str], ...]) -> str | None:
    return next((what for pattern, what in patterns if re.fullmatch(pattern, word)), None)
