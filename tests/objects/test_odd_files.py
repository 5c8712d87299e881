"""Odd files each get the right result, or one clear line and exit status 2."""

import random

import pytest

from sortopt.cli.app import run

SORT2 = (
    "; inputs: eax ecx\n; outputs: eax ecx\n"
    "mov edx, eax\ncmp eax, ecx\ncmovg eax, ecx\ncmovg ecx, edx\n"
)
LONG = 25_000


@pytest.fixture
def verify(capsys):
    def call(path, *options):
        status = run(["verify", str(path), *options])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return call


@pytest.mark.parametrize(
    "data",
    [
        SORT2.encode(),
        SORT2.replace("\n", "\r\n").encode(),
        SORT2.replace(" ", "\t").encode(),
        b"\xef\xbb\xbf" + SORT2.encode(),
        ("; sörtiert zwei Schlüssel — ≤\n" + SORT2).encode(),
        SORT2.rstrip().encode(),
        (SORT2.replace("\n", "\n\n\n") + "\x0c\n").encode(),
        SORT2.replace("\n", "\r\n").encode("utf-16"),
        b"\xfe\xff" + SORT2.encode("utf-16-be"),
    ],
    ids=[
        "plain",
        "crlf",
        "tabs",
        "mark",
        "not-ascii",
        "no-last-newline",
        "blank-lines",
        "utf-16",
        "utf-16-be",
    ],
)
def test_a_kernel_is_read_however_its_text_is_kept(tmp_path, verify, data):
    path = tmp_path / "sort2.asm"
    path.write_bytes(data)
    assert verify(path)[0] == 0


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ((SORT2 + "; a remark\n" * 900_000).encode(), "is larger than 1 MiB"),
        (random.Random(0).randbytes(LONG), "is a binary file"),
        (SORT2.encode("utf-16-le"), "is a binary file"),
        (SORT2.encode("utf-32"), "is a binary file"),
        (SORT2.encode("utf-16") + b"\0", "is a binary file"),
        (b"; caf\xe9\n" + SORT2.encode(), "is not UTF-8 text"),
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (SORT2.replace("edx", "édx").encode(), "unknown register 'édx'"),
        (SORT2.replace("mov", "möv").encode(), "unknown mnemonic 'möv'"),
        (b"\x7fELF" + bytes(1000), "is a damaged ELF file"),
    ],
    ids=[
        "10-MB",
        "junk",
        "utf-16",
        "utf-32",
        "zero",
        "latin-1",
        "empty",
        "blank",
        "register",
        "mnemonic",
        "elf",
    ],
)
@pytest.mark.parametrize("name", ["x.asm", "x.s", "x.o", "x.cc"])
def test_what_is_no_kernel_gets_one_clear_line(tmp_path, verify, data, message, name):
    path = tmp_path / name
    path.write_bytes(data)
    status, out, err = verify(path)
    assert (status, out) == (2, "")
    assert "error: " in err.splitlines()[0]
    assert message in err or name == "x.cc"
    assert "Traceback" not in err


@pytest.mark.parametrize("name", ["x.asm", "x.s", "x.cc"])
@pytest.mark.parametrize(
    "piece",
    ["{", "(", "[", '"', "'", "/*", "//", "asm ", "asm(", ').{', 'R"(', "%", "%0", "l:\n",
     ".type x,y\n", "asm x\n", "mov eax, [\n", "; a: b\n", "\\\n", "mov eax, ecx\n", ", ", "\x00"],
)  # fmt: skip
def test_a_long_file_of_one_piece_is_answered(tmp_path, verify, piece, name):
    path = tmp_path / name
    path.write_text(piece * (LONG // len(piece)))
    status, out, err = verify(path)
    assert (status, out) == (2, "")
    assert err.splitlines()[0].count("error: ") == 1


def test_a_folder_is_no_kernel(tmp_path, verify):
    status, _, err = verify(tmp_path)
    assert (status, err) == (2, f"error: {tmp_path} is a folder; name a kernel file in it\n")


def test_an_unreadable_file_is_told(tmp_path, verify, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "sort2.asm"
    path.write_text(SORT2)
    monkeypatch.setattr("pathlib.Path.open", refuse)
    assert verify(path)[2] == f"error: cannot read {path}: Permission denied\n"


def test_endless_and_empty_devices_are_answered(verify):
    assert "is larger than 1 MiB" in verify("/dev/zero")[2]
    assert "is empty" in verify("/dev/null")[2]


@pytest.mark.parametrize(
    "text",
    [".rept 100000000\nnop\n.endr\n", "f:\n.zero 100000000000\n", "f:\n.org 0xfffffffffff\n"],
)
def test_text_that_asks_for_too_much_memory_is_answered(tmp_path, verify, text):
    path = tmp_path / "x.s"
    path.write_text(text)
    status, out, err = verify(path)
    assert (status, out) == (2, "")
    assert err.count("error: ") == 1
