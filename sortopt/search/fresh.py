"""Keeping compiled code in step with its sources.

Numba's cache knows that a function is stale by its own file alone.  A function compiled together
with one from another file would survive a change of that other file; so the cache of this package
is dropped whenever any of its sources with compiled code has changed.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

_STAMP = "kernels.sha256"


def drop_stale(package: Path) -> bool:
    """Delete the cached compiled code in `package` unless it was made of the sources there now.

    Returns whether it was dropped.  Where the folder cannot be written, nothing happens: then
    Numba keeps its cache elsewhere.
    """
    digest = hashlib.sha256()
    for source in sorted(package.glob("_*kernels.py")):
        digest.update(source.read_bytes())
    cache = package / "__pycache__"
    stamp = cache / _STAMP
    with suppress(OSError):
        if stamp.exists() and stamp.read_text() == digest.hexdigest():
            return False
        for pattern in ("*.nbi", "*.nbc"):
            for compiled in cache.glob(pattern):
                compiled.unlink(missing_ok=True)
        cache.mkdir(exist_ok=True)
        stamp.write_text(digest.hexdigest())
        return True
    return False
