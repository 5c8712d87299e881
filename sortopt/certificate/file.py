"""Certificate files: one line that names the format, a SHA-256 digest, then compressed arrays.

The digest guards against damage in transport; that a certificate is *right* is for the checker
alone to say, and it does not rely on it.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path

import numpy as np

from sortopt.base import InputError, atomic
from sortopt.certificate.checker import Certificate
from sortopt.search.space import Problem

MAGIC = b"sortopt lower-bound certificate 1\n"
_TYPES = {
    "cost": np.uint8,
    "reps": np.uint16,
    "pool": np.uint16,
    "size": np.uint16,
    "depth": np.uint8,
}
_DIMENSIONS = {"cost": 3}
_LARGEST = 1 << 34
"""The most bytes that a certificate's arrays may unpack to."""


def write(path: str, certificate: Certificate, *, force: bool = False) -> int:
    """Write `certificate` to `path`, whole or not at all; return the size of the file in bytes."""
    payload = io.BytesIO()
    header = json.dumps(
        {
            "limit": certificate.limit,
            "filled": certificate.filled,
            **certificate.problem.record(),
        }
    ).encode()
    arrays = {name: getattr(certificate, name) for name in _TYPES}
    np.savez_compressed(payload, header=np.frombuffer(header, np.uint8), **arrays)
    data = payload.getvalue()
    digest = hashlib.sha256(data).hexdigest().encode() + b"\n"
    atomic.write(path, MAGIC + digest + data, force=force)
    return len(MAGIC) + len(digest) + len(data)


def read(path: str) -> Certificate:
    """Read a certificate; raises InputError where it is missing, damaged or none."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    if not data.startswith(MAGIC):
        raise InputError(
            f"{path} is no sortopt certificate", hint="make one: sortopt search --certificate FILE"
        )
    digest, body = data[len(MAGIC) :][:65], data[len(MAGIC) + 65 :]
    if digest != hashlib.sha256(body).hexdigest().encode() + b"\n":
        raise InputError(
            f"{path} is damaged: its contents do not match its digest", hint="copy it again"
        )
    try:
        return _parsed(body)
    except (KeyError, ValueError, TypeError, OSError, zipfile.BadZipFile) as error:
        raise InputError(f"{path} is no valid certificate: {error}") from None


def _parsed(body: bytes) -> Certificate:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > _LARGEST:
            raise ValueError("it is too large")
    with np.load(io.BytesIO(body), allow_pickle=False) as file:
        header = json.loads(bytes(file["header"]))
        arrays = {name: file[name] for name in _TYPES}
    for name, array in arrays.items():
        if array.dtype != _TYPES[name] or array.ndim != _DIMENSIONS.get(name, 1):
            raise ValueError(f"{name} has the wrong type or shape")
    problem = Problem.from_record(header)
    return Certificate(problem, int(header["limit"]), bool(header["filled"]), **arrays)
