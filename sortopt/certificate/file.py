"""Certificate files: three lines of text, then the states, compressed.

1. the name and version of the format;
2. the SHA-256 digest, in hexadecimal, of all that follows it;
3. the header, a JSON object: `question` and `restricted` (see `question`), `limit`, `filled`,
   `levels` (the number of states listed at each depth, from 0 on) and `assignments` (how many they
   have together);
   or, of a claim about sequences of moves, `question` and `moves` (see `sequences`);
4. but for the latter, a stream in the format of xz (https://tukaani.org/xz) that holds 16-bit
   little-endian numbers: how many assignments each state has, then the states' assignments end to
   end.

The digest guards against damage in transport.  That a certificate is *right* is for the checker
alone to say, which does not rely on it.  Nothing is unpacked before its size is known.
"""

from __future__ import annotations

import hashlib
import json
import lzma
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sortopt.base import UNLIMITED, Budget, InputError, atomic
from sortopt.certificate.checker import Certificate
from sortopt.certificate.question import Question
from sortopt.certificate.sequences import Composed

MAGIC = b"sortopt lower-bound certificate 3\n"
_ANY_VERSION = b"sortopt lower-bound certificate "
_LONGEST_HEADER = 1 << 14
_LARGEST = 1 << 31
"""The largest file, and the most that its states may unpack to, in bytes."""
_UNPACKING = 1 << 28
"""The most bytes that unpacking may take besides what is unpacked."""
_AT_ONCE = 1 << 24
"""How many bytes are unpacked between two looks at the clock."""
_HIGHEST_LIMIT = 254
"""The greatest limit: costs are bytes, and one value means more than any limit."""
_FIELDS = {
    "question": dict,
    "restricted": bool,
    "limit": int,
    "filled": bool,
    "levels": list,
    "assignments": int,
}


_COMPOSED_FIELDS = {"question": dict, "moves": int}


def write(path: str, certificate: Certificate | Composed, *, force: bool = False) -> int:
    """Write `certificate` to `path`, whole or not at all; return the size of the file in bytes."""
    body = _listing(certificate) if isinstance(certificate, Certificate) else _claim(certificate)
    data = MAGIC + hashlib.sha256(body).hexdigest().encode() + b"\n" + body
    atomic.write(path, data, force=force)
    return len(data)


def _claim(certificate: Composed) -> bytes:
    header = {"question": certificate.question.record, "moves": certificate.moves}
    return json.dumps(header).encode() + b"\n"


def _listing(certificate: Certificate) -> bytes:
    header = {
        "question": certificate.question.record,
        "restricted": certificate.question.restricted,
        "limit": certificate.limit,
        "filled": certificate.filled,
        "levels": certificate.levels,
        "assignments": len(certificate.pool),
    }
    numbers = np.concatenate([certificate.size, certificate.pool]).astype("<u2")
    return json.dumps(header).encode() + b"\n" + lzma.compress(numbers.tobytes())


def read(path: str, budget: Budget = UNLIMITED) -> Certificate | Composed:
    """Read a certificate; raises InputError where it is missing, damaged or none, LimitReached."""
    data = _contents(Path(path), budget)
    digest, body = data[len(MAGIC) :][:65], data[len(MAGIC) + 65 :]
    if digest != hashlib.sha256(body).hexdigest().encode() + b"\n":
        raise InputError(
            f"{path} is damaged: its contents do not match its digest", hint="copy it again"
        )
    try:
        return _parsed(body, budget)
    except InputError as error:
        why = f"{path} is no valid certificate: {error.message}"
        raise InputError(why, hint=error.hint) from None


def _contents(path: Path, budget: Budget) -> bytes:
    """Return what is in the file; raises InputError where it does not begin as a certificate."""
    try:
        with path.open("rb") as file:
            data, size = file.read(len(MAGIC)), path.stat().st_size
            if data == MAGIC and size <= _LARGEST:
                budget.check(size)
                data += file.read()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"cannot read {path}: {reason}") from None
    if data.startswith(_ANY_VERSION) and not data.startswith(MAGIC):
        raise InputError(
            f"{path} is a certificate in the format of another version",
            hint="make it again: sortopt search --certificate FILE",
        )
    if not data.startswith(MAGIC):
        raise InputError(
            f"{path} is no sortopt certificate", hint="make one: sortopt search --certificate FILE"
        )
    if size > _LARGEST:
        raise InputError(f"{path} is larger than any certificate that can be checked")
    return data


def _parsed(body: bytes, budget: Budget) -> Certificate | Composed:
    """Return the certificate of a file's body; raises InputError without the file's name."""
    end = body.find(b"\n", 0, _LONGEST_HEADER)
    try:
        header = json.loads(body[: max(end, 0)])
    except (ValueError, RecursionError):
        raise InputError("its header is no line of JSON") from None
    composed = isinstance(header, dict) and "moves" in header
    fields = _COMPOSED_FIELDS if composed else _FIELDS
    if not isinstance(header, dict) or header.keys() != fields.keys():
        raise InputError("its header lacks a field, or has one that is unknown")
    for name, kind in fields.items():
        if type(header[name]) is not kind:
            raise InputError(f"{name} in its header is no {kind.__name__}")
    if composed:
        return _composed(header["question"], header["moves"], body[end + 1 :])
    limit, levels, assignments = header["limit"], header["levels"], header["assignments"]
    if not 0 <= limit <= _HIGHEST_LIMIT:
        raise InputError(f"its limit is not from 0 to {_HIGHEST_LIMIT}")
    if not all(type(count) is int and count >= 0 for count in (*levels, assignments)):
        raise InputError("its header counts states or assignments by what is no number")
    states = sum(levels)
    numbers = _unpacked(body[end + 1 :], states + assignments, budget)
    question = Question.of(header["question"], restricted=header["restricted"])
    return Certificate(
        question, limit, header["filled"], tuple(levels), numbers[:states], numbers[states:]
    )


def _composed(record: Any, moves: int, rest: bytes) -> Composed:
    if not 0 <= moves <= _HIGHEST_LIMIT:
        raise InputError(f"its number of moves is not from 0 to {_HIGHEST_LIMIT}")
    if rest:
        raise InputError("something follows its header")
    return Composed(Question.of(record, restricted=False), moves)


def _unpacked(stream: bytes, count: int, budget: Budget) -> npt.NDArray[np.uint16]:
    """Return the `count` numbers that an xz stream holds."""
    wanted = 2 * count
    if wanted > _LARGEST:
        raise InputError("its states are too many to be checked")
    budget.check(2 * wanted)
    unpacker, data = lzma.LZMADecompressor(lzma.FORMAT_XZ, _UNPACKING), bytearray()
    try:
        while not unpacker.eof and len(data) <= wanted and (stream or not unpacker.needs_input):
            data += unpacker.decompress(stream, _AT_ONCE)
            stream = b""
            budget.check()
    except lzma.LZMAError:
        raise InputError("its states cannot be unpacked") from None
    if not unpacker.eof or unpacker.unused_data or len(data) != wanted:
        raise InputError("it has more or fewer states than its header says")
    return np.frombuffer(data, "<u2").astype(np.uint16)
