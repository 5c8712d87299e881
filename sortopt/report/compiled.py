"""What a proved kernel becomes: its size as machine code, and its C code in Compiler Explorer."""

from __future__ import annotations

import json
import struct
from base64 import b64encode

from sortopt.base import InputError
from sortopt.model import Judgement, Proved

_EXECUTABLE = 4
"""The flag of a section of an ELF file that holds machine code."""


def size(judgement: Judgement, key: str | None) -> int | None:
    """Return the bytes of the whole x86-64 function; None where it is unproved, or for others."""
    from sortopt.native import assemble

    text = _emitted(judgement, "asm-intel", key)
    if text is None:
        return None
    code = assemble(text)
    (start,) = struct.unpack_from("<Q", code, 40)
    each, count = struct.unpack_from("<HH", code, 58)
    sections = (struct.unpack_from("<IIQQQQ", code, start + each * i) for i in range(count))
    return int(sum(size for _, _, flags, _, _, size in sections if flags & _EXECUTABLE))


def link(judgement: Judgement, key: str | None) -> str | None:
    """Return a link that opens the C code in Compiler Explorer, where `size` has an answer."""
    text = _emitted(judgement, "c", key)
    if text is None or _emitted(judgement, "asm-intel", key) is None:
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
