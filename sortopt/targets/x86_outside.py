"""What assembly text of x86-64 may hold and no kernel can: patterns of names, and why not.

Pairs of a regular expression, for a whole name in lower case, and what to say of it.
"""

from __future__ import annotations

OUTSIDE = (
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
    (r"v(min|max)[sp]h|vmov(dqu\w*|up[sd]|s[sd]|ntdqa?|[dq]|dqa32)|vpmov\w+",
     "is an AVX instruction of another kind"),
    (r"mov(dqu|up[sd]|s[sd]|ntdqa?|[dq]|hlps|lhps)", "moves in another way than mov or movdqa"),
    (r"v?u?comis[sd]", "compares floating-point numbers (minss and maxss sort them)"),
    (r"shufp[sd]|blendvp[sd]", "is a vector instruction of another kind"),
    (r"(nop|lock|rep\w*|pause|cpuid|endbr64|ud2|hlt|[lms]fence)[lwq]?", "is no move or comparison"),
    (r"(csel|cset|ldr|str|ldp|stp|b|bl|cbn?z|subs|adds|s[mx]in|umin|umax)", "is not an x86 one"),
)  # fmt: skip
"""Mnemonics that are no instruction of a kernel."""

BROADLY_OUTSIDE = (
    (r"v(p|mov|add|sub|min|max|blend|shuf|perm|broadcast|ins|ext|cmp|and|or|xor)\w+",
     "is an AVX instruction of another kind"),
    (r"p(add|sub|mul|cmp|shuf|blend|and|or|xor|unpck|ack|ext|ins|mov|s[lr]|test|abs|align)\w*",
     "is a vector instruction of another kind"),
    (r"f(ld|i?st|add|sub|mul|div|u?com|cmov|xch|ild|abs|chs|sqrt|nop|init|wait)\w*",
     "is a floating-point instruction"),
)  # fmt: skip
"""The same, to be asked only of what is no near miss of a known mnemonic."""

UNSUITED = (
    (r"[yz]mm\d{1,2}", "is an AVX register; min/max kernels use xmm0 to xmm15"),
    (r"mm[0-7]", "is an MMX register; min/max kernels use xmm0 to xmm15"),
    (r"k[0-7]", "is a mask register, which cannot hold a key"),
    (r"st\d?|st\(\d\)", "is a floating-point register, which cannot hold a key"),
    (r"[cdefgs]s|[er]ip|ip|[cd]r\d{1,2}|[er]?flags", "cannot hold a key"),
)
"""Registers that cannot hold a key."""
