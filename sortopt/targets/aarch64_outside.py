"""What assembly text of AArch64 may hold and no kernel can: patterns of names, and why not.

Pairs of a regular expression, for a whole name in lower case, and what to say of it.
"""

from __future__ import annotations

OUTSIDE = (
    (r"b(\.\w+)?|br|cbn?z|tbn?z", "is a jump"),
    (r"bl|blr|svc|hvc|brk|ret\w*|eret", "leaves the kernel"),
    (r"c(set|inc|inv|neg)m?|cs(inc|inv|neg)", "makes another value than a key"),
    (r"(add|sub|adc|sbc|neg|ngc)s?|s?m(add|sub|ul|neg)\w*|[su]div|adrp?|abs|cnt", "is arithmetic"),
    (r"(and|bic)s?|orr|orn|eor|eon|mvn|ls[lr]v?|asrv?|rorv?|[su]?bf\w+|[us]xt\w|rbit|rev\w*|clz|extr",
     "works on bits"),
    (r"ccmp|ccmn|cmn|tst|fcmpe?|fccmpe?", "compares in another way than cmp"),
    (r"mov[zkn]", "makes a constant"),
    (r"(ldu?r|stu?r)s?[bhw]|ldpsw|ld[a-z]*x[rp]\w*|st[a-z]*x[rp]\w*|ldar\w*|stlr\w*|ld[1-4]r?|st[1-4]",
     "accesses memory in another way than ldr, str, ldp and stp"),
    (r"f(min|max)(nm)?[pv]|fcsel|fmov|f(add|sub|mul|div|abs|neg|sqrt|cvt)\w*",
     "is a floating-point instruction"),
    (r"(pac|aut)\w+|hint|dmb|dsb|isb|yield|wf[ei]|sev", "is no move or comparison"),
)  # fmt: skip
"""Mnemonics that are no instruction of a kernel."""

BROADLY_OUTSIDE = (
    (r"[su](min|max)[pv]", "works across the lanes of a vector"),
    (
        r"cm(gt|ge|eq|hi|hs|le|lt|tst)|b(sl|it|if)|(zip|uzp|trn)[12]|ext|dup|ins|tb[lx]|u?s?addl?[pv]?",
        "is a vector instruction of another kind",
    ),
)
"""The same, to be asked only of what is no near miss of a known mnemonic."""

UNSUITED = (
    (r"[zp]([12]?\d|3[01])", "is a register of SVE; min/max kernels use v0 to v31"),
    (r"pc|lr|fp|nzcv", "cannot hold a key"),
)
"""Registers that cannot hold a key."""
