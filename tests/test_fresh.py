"""The cache of compiled code follows its sources."""

import os
import stat

from sortopt.search.fresh import drop_stale


def package(tmp_path):
    (tmp_path / "_a_kernels.py").write_text("x = 1\n")
    (tmp_path / "other.py").write_text("y = 1\n")
    (tmp_path / "__pycache__").mkdir()
    return tmp_path


def cached(folder):
    (folder / "__pycache__" / "_a_kernels.f-1.nbi").write_bytes(b"index")
    (folder / "__pycache__" / "_a_kernels.f-1.1.nbc").write_bytes(b"code")
    (folder / "__pycache__" / "other.pyc").write_bytes(b"python")


def left(folder):
    return sorted(path.suffix for path in (folder / "__pycache__").iterdir())


def test_cache_is_dropped_once_after_any_kernel_source_has_changed(tmp_path):
    folder = package(tmp_path)
    assert drop_stale(folder)
    cached(folder)
    assert not drop_stale(folder)
    assert left(folder) == [".nbc", ".nbi", ".pyc", ".sha256"]
    (folder / "_a_kernels.py").write_text("x = 2\n")
    assert drop_stale(folder)
    assert left(folder) == [".pyc", ".sha256"]


def test_other_sources_do_not_drop_the_cache(tmp_path):
    folder = package(tmp_path)
    drop_stale(folder)
    cached(folder)
    (folder / "other.py").write_text("y = 2\n")
    assert not drop_stale(folder)


def test_folder_that_cannot_be_written_is_left_alone(tmp_path):
    folder = package(tmp_path)
    (folder / "__pycache__").rmdir()
    (folder / "__pycache__").write_text("a file where the folder should be")
    assert not drop_stale(folder)
    assert stat.S_ISREG(os.stat(folder / "__pycache__").st_mode)
