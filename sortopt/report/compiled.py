"""What a proved kernel becomes: its size as machine code, and its C code in Compiler Explorer."""

from __future__ import annotations

import json
import struct
from base64 import b64encode

from sortopt.base import InputError
from sortopt.model import Judgement, Proved

_EXECUTABLE = 4
"""The flag of a section of an ELF file that holds machine code."""


def compiled(judgement: Judgement, key: str | None) -> tuple[int, str | None] | None:
    """Return the bytes of the whole x86-64 function, and a link that opens the C code.

    None where the kernel is unproved, or for another machine; no link where C cannot hold it.
    """
    text = _emitted(judgement, "asm-intel", key)
    return None if text is None else (_size(text), _link(judgement, key))


def _size(text: str) -> int:
    """Return the bytes of machine code that assembly text makes."""
    from sortopt.native import assemble

    code = assemble(text)
    (start,) = struct.unpack_from("<Q", code, 40)
    each, count = struct.unpack_from("<HH", code, 58)
    sections = (struct.unpack_from("<IIQQQQ", code, start + each * i) for i in range(count))
    return int(sum(size for _, _, flags, _, _, size in sections if flags & _EXECUTABLE))


def _link(judgement: Judgement, key: str | None) -> str | None:
    """Return a link that opens the C code in Compiler Explorer."""
    text = _emitted(judgement, "c", key)
    if text is None:
        return None
    session = {
        "id": 1,
        "language": "c",
        "source": text.replace("static inline ", ""),  # else no compiler writes anything out
        "compilers": [{"id": "cg132", "options": "-O2"}],
    }
    state = json.dumps({"sessions": [session]}, separators=(",", ":")).encode()
    return f"https://godbolt.org/clientstate/{b64encode(state).decode()}"


def _emitted(judgement: Judgement, target: str, key: str | None) -> str | None:
    """Return the kernel as source text; None where it is not proved, or the target cannot do it."""
    from sortopt.emit import Provenance, emit

    if not isinstance(judgement.verdict, Proved):
        return None
    try:
        return emit(judgement.kernel, target, key=key, provenance=Provenance(judgement=judgement))
    except InputError:
        return None
