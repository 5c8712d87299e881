import errno
import os

import pytest

from sortopt.base import atomic
from sortopt.base.errors import InputError


def test_a_new_file_holds_the_text_and_nothing_else_is_left(tmp_path):
    atomic.write(tmp_path / "a.h", "int ä;\n")
    assert (tmp_path / "a.h").read_text(encoding="utf-8") == "int ä;\n"
    assert os.listdir(tmp_path) == ["a.h"]


def test_a_new_file_has_the_mode_that_the_umask_leaves(tmp_path):
    before = os.umask(0o027)
    try:
        atomic.write(tmp_path / "a", b"x")
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


def test_an_existing_file_is_replaced_only_with_force_and_keeps_its_mode(tmp_path):
    target = tmp_path / "a"
    target.write_text("old")
    target.chmod(0o755)
    with pytest.raises(InputError, match="exists; choose another name, or overwrite it: --force"):
        atomic.write(target, "new")
    assert target.read_text() == "old"
    atomic.write(target, "new", force=True)
    assert target.read_text() == "new"
    assert target.stat().st_mode & 0o777 == 0o755
    assert os.listdir(tmp_path) == ["a"]


@pytest.mark.parametrize("failing", ["fsync", "link"])
def test_a_full_disk_leaves_nothing_behind(tmp_path, monkeypatch, failing):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, failing, full)
    with pytest.raises(InputError, match=r"cannot write .*a: No space left on device"):
        atomic.write(tmp_path / "a", "text")
    assert os.listdir(tmp_path) == []


def test_a_full_disk_keeps_the_old_file_whole(tmp_path, monkeypatch):
    (tmp_path / "a").write_text("old")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="No space left"):
        atomic.write(tmp_path / "a", "new", force=True)
    assert (tmp_path / "a").read_text() == "old"
    assert os.listdir(tmp_path) == ["a"]


@pytest.mark.parametrize("force", [False, True])
def test_folders_and_missing_folders_are_refused_with_their_name(tmp_path, force):
    for check in (lambda p: atomic.write(p, "", force=force),
                  lambda p: atomic.check_writable(p, force=force)):  # fmt: skip
        with pytest.raises(InputError, match=r"is a folder; name a file in it"):
            check(tmp_path)
        with pytest.raises(InputError, match=r"cannot write .*nowhere"):
            check(tmp_path / "nowhere" / "a")
        with pytest.raises(InputError, match="cannot write"):
            check("a\0b")


def test_check_writable_sees_an_existing_file_beforehand(tmp_path):
    (tmp_path / "a").write_text("old")
    with pytest.raises(InputError, match="exists"):
        atomic.check_writable(tmp_path / "a")
    atomic.check_writable(tmp_path / "a", force=True)
    atomic.check_writable(tmp_path / "b")


def test_a_device_is_written_to_as_it_is():
    atomic.write(os.devnull, "gone")
    with pytest.raises(InputError, match="cannot write /dev/full: No space left on device"):
        atomic.write("/dev/full", "text")


def test_a_link_is_followed_and_stays_a_link(tmp_path):
    (tmp_path / "a").write_text("old")
    (tmp_path / "l").symlink_to("a")
    atomic.write(tmp_path / "l", "new", force=True)
    assert (tmp_path / "l").is_symlink()
    assert (tmp_path / "a").read_text() == "new"


def test_a_file_system_without_links_will_do(tmp_path, monkeypatch):
    def no_links(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    atomic.write(tmp_path / "a", "text")
    assert os.listdir(tmp_path) == ["a"]


def test_two_writers_of_one_file_do_not_mix(tmp_path):
    target = tmp_path / "all"

    def parts(word, between=lambda: None):
        yield word
        between()
        yield word

    def other():
        atomic.write_parts(target, parts("second "), force=True)
        assert target.read_text() == "second second "

    atomic.write_parts(target, parts("first ", other), force=True)
    assert target.read_text() == "first first "
    assert os.listdir(tmp_path) == ["all"]


def test_nobody_else_is_written_to_whatever_they_put_beside_the_target(tmp_path):
    victim, target = tmp_path / "victim", tmp_path / "all"
    victim.write_text("mine")
    (tmp_path / "all.partial").symlink_to(victim)
    atomic.write_parts(target, ["x", "y"])
    assert (target.read_text(), victim.read_text()) == ("xy", "mine")


@pytest.mark.parametrize("came", [0, 2])
def test_what_came_before_an_interruption_is_kept_beside_the_target(tmp_path, came):
    def parts():
        yield from ["part "] * came
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        atomic.write_parts(tmp_path / "all", parts())
    kept = [path.read_text() for path in tmp_path.glob("all.*.partial")]
    assert kept == (["part part "] if came else [])
    assert len(os.listdir(tmp_path)) == len(kept)


def test_the_name_of_a_folder_that_is_not_there_is_no_file(tmp_path):
    with pytest.raises(InputError, match="there is no such folder; name a file"):
        atomic.write(f"{tmp_path}/lib/", "x")
    with pytest.raises(InputError, match="there is no such folder; name a file"):
        atomic.check_writable(f"{tmp_path}/lib/")
    assert not any(tmp_path.iterdir())
