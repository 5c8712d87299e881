"""Write files whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from collections.abc import Iterable
from os import PathLike
from pathlib import Path

from sortopt.base.errors import InputError


def write(
    path: str | PathLike[str], content: str | bytes | Iterable[bytes], *, force: bool = False
) -> None:
    """Write `content` (text as UTF-8) to the file `path` in one step.

    The content goes to a temporary file beside the target, with a name that nobody else has, is
    flushed to the disk and then takes the target's name, so that a reader, a crash or a full disk
    never sees half of it.  A file that exists is replaced only with `force`, and keeps its mode;
    something that is no plain file (a pipe, a device) is written to as it is.  Raises InputError
    naming the path and the reason.
    """
    parts = (content,) if isinstance(content, (str, bytes)) else content
    _write(path, parts, force=force, keep=False)


def write_parts(path: str | PathLike[str], parts: Iterable[str], *, force: bool = False) -> None:
    """Write `parts` as they come, as `write` does.

    Where they end early, by Ctrl-C for example, what came until then stays beside the target in a
    file called PATH, more, and `.partial`.
    """
    _write(path, parts, force=force, keep=True)


def _write(
    path: str | PathLike[str], parts: Iterable[str | bytes], *, force: bool, keep: bool
) -> None:
    target = _target(path)
    try:
        mode = _mode(target)
        if mode is not None and stat.S_ISDIR(mode):
            raise InputError(f"{path} is a folder", hint="name a file in it")
        if mode is not None and not stat.S_ISREG(mode):
            with target.open("wb") as file:
                file.writelines(map(_bytes, parts))
            return
        if mode is not None and not force:
            raise InputError(f"{path} exists", hint="choose another name, or overwrite it: --force")
        _replace(Path(os.path.realpath(target)), parts, mode, exclusive=not force, keep=keep)
    except FileExistsError:
        raise InputError(
            f"{path} exists", hint="choose another name, or overwrite it: --force"
        ) from None
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise InputError(f"cannot write {path}: {reason}") from None


def _bytes(part: str | bytes) -> bytes:
    return part.encode() if isinstance(part, str) else part


def check_writable(path: str | PathLike[str], *, force: bool = False) -> None:
    """Raise InputError, as `write` would, where it can be seen beforehand that it must fail.

    For commands that work long before they write.
    """
    target = _target(path)
    try:
        mode = _mode(target)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise InputError(f"cannot write {path}: {reason}") from None
    if mode is None:
        if not target.parent.is_dir():
            raise InputError(f"cannot write {path}: there is no folder {target.parent}")
    elif stat.S_ISDIR(mode):
        raise InputError(f"{path} is a folder", hint="name a file in it")
    elif stat.S_ISREG(mode) and not force:
        raise InputError(f"{path} exists", hint="choose another name, or overwrite it: --force")
    if (mode is None or stat.S_ISREG(mode)) and not os.access(target.parent, os.W_OK):
        raise InputError(f"cannot write {path}: no permission to write in {target.parent}")


def _target(path: str | PathLike[str]) -> Path:
    """Return where to write; raises InputError for the name of a folder that is not there."""
    target = Path(path)
    if os.fspath(path).endswith(os.sep) and not target.is_dir():
        raise InputError(f"cannot write {path}: there is no such folder", hint="name a file")
    return target


def _mode(path: Path) -> int | None:
    """Return the mode of what `path` leads to; None where there is nothing."""
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None


def _replace(
    target: Path, parts: Iterable[str | bytes], mode: int | None, *, exclusive: bool, keep: bool
) -> None:
    """Put `parts` in a temporary file beside `target`, then give it its name."""
    shown = target.name[:100]
    begin, end = (f"{shown}.", ".partial") if keep else (f".{shown}.", "")
    handle, name = tempfile.mkstemp(prefix=begin, suffix=end, dir=target.parent)
    complete = False
    try:
        with os.fdopen(handle, "wb") as file:
            for part in parts:
                file.write(_bytes(part))
            complete = True
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, stat.S_IMODE(mode) if mode is not None else 0o666 & ~_umask())
        if not (exclusive and _linked(name, target)):
            os.replace(name, target)
    finally:
        if complete or not keep or Path(name).stat().st_size == 0:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)


def _linked(name: str, target: Path) -> bool:
    """Give the file `name` its second name; return False where the file system has no links.

    Unlike a rename this fails, with FileExistsError, where someone was faster.
    """
    try:
        os.link(name, target)
    except OSError as error:
        if error.errno in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK):
            return False
        raise
    return True


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
