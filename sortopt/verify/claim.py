"""A claim from the internet (June 2023), as programs: may a sorting kernel lose a move?

A chat model was shown eight instructions that were said to sort P, Q and R, holding A, B and C,
and asked to shorten them.  It answered that the second move, `mov S P` (source first), can go.
P, Q, R and S are eax, ecx, edx and esi here, and operands stand destination first.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

AS_SHOWN = "as shown"
WITHOUT_MOVE = "without the move"
WITH_CMOVGE = "without the move, with cmovge"

_DIRECTIVES = """\
; inputs:  eax ecx edx
; outputs: eax ecx edx
"""

_FIRST_HALF = """\
    mov    esi, edx
    cmp    eax, edx
    cmovg  edx, eax
    cmovl  esi, eax
"""

_MOVE = """\
    mov    eax, esi
"""

PROGRAMS: Mapping[str, str] = MappingProxyType(
    {
        AS_SHOWN: _DIRECTIVES
        + _FIRST_HALF
        + _MOVE
        + """\
    cmp    esi, ecx
    cmovg  eax, ecx
    cmovg  ecx, esi
""",
        WITHOUT_MOVE: _DIRECTIVES
        + _FIRST_HALF
        + """\
    cmp    esi, ecx
    cmovg  eax, ecx
    cmovg  ecx, esi
""",
        WITH_CMOVGE: _DIRECTIVES
        + _FIRST_HALF
        + """\
    cmp    esi, ecx
    cmovge eax, ecx
    cmovg  ecx, esi
""",
    }
)
"""The versions of the program by name, in our dialect."""
