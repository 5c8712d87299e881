"""Certificate files: what is written is read back; damage and forgery end in one clear error."""

import hashlib
import json
import lzma
import tracemalloc

import numpy as np
import pytest
from certificates import SORT2, SORT3, made
from engines import from_record

from sortopt.base import Budget
from sortopt.base.budget import peak_memory
from sortopt.base.errors import InputError, LimitReached
from sortopt.certificate import file
from sortopt.certificate.checker import check
from sortopt.search.exhaustive.deepening import shortest


@pytest.fixture
def path(tmp_path):
    return tmp_path / "c"


def written(path, certificate):
    file.write(str(path), certificate, force=True)
    _, _, header, stream = path.read_bytes().split(b"\n", 3)
    return json.loads(header), stream


def forge(path, header, stream=b""):
    """Write a file with a digest that fits; `header` as text or as what JSON can hold."""
    line = header if isinstance(header, bytes) else json.dumps(header).encode()
    body = line + b"\n" + stream
    path.write_bytes(file.MAGIC + hashlib.sha256(body).hexdigest().encode() + b"\n" + body)


def refusal(path, budget=None):
    """Return the error that reading raises: one line, that names the file."""
    with pytest.raises(InputError) as error:
        file.read(str(path), budget or Budget())
    message = error.value.render()
    assert "\n" not in message
    assert str(path) in message
    return message


def test_a_file_round_trips(path):
    certificate = made(SORT3)
    size = file.write(str(path), certificate)
    assert size == path.stat().st_size
    again = file.read(str(path))
    assert again.question == certificate.question
    assert (again.limit, again.filled, again.levels) == (10, False, certificate.levels)
    assert np.array_equal(again.size, certificate.size)
    assert np.array_equal(again.pool, certificate.pool)
    assert check(again).fault is None


def test_the_same_certificate_makes_the_same_file(tmp_path):
    for name in "ab":
        file.write(str(tmp_path / name), made(SORT3))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("seed", range(40))
def test_any_flipped_bit_is_noticed(path, seed):
    file.write(str(path), made(SORT3))
    data = bytearray(path.read_bytes())
    bit = int(np.random.default_rng(seed).integers(len(data) * 8))
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)
    refusal(path)


@pytest.mark.parametrize("seed", range(20))
def test_any_byte_changed_by_a_forger_is_refused_or_leaves_the_claim_true(path, seed):
    """The digest is made to fit; bytes of the header are struck as often as those of the states."""
    header, stream = written(path, made(SORT2))
    lines, random = json.dumps(header).encode(), np.random.default_rng(seed)
    for _ in range(20):
        text, body = bytearray(lines), bytearray(stream)
        struck = (text, body)[random.integers(2)]
        value = b'0123456789,[]{}truefals"'[random.integers(23)] if random.integers(2) else None
        struck[random.integers(len(struck))] = random.integers(256) if value is None else value
        forge(path, bytes(text), bytes(body))
        try:
            certificate = file.read(str(path))
        except InputError:
            refusal(path)
            continue
        if check(certificate).fault is None:
            problem = from_record(certificate.question.record)
            assert shortest(problem).lower_bound > certificate.limit


@pytest.mark.parametrize("cut", [0, 10, 40, 60, 100, 300, -1])
def test_a_file_cut_short_is_refused(path, cut):
    file.write(str(path), made(SORT3))
    path.write_bytes(path.read_bytes()[:cut])
    refusal(path)


def test_a_stream_cut_short_is_refused_though_its_digest_fits(path):
    header, stream = written(path, made(SORT3))
    for end in range(len(stream)):
        forge(path, header, stream[:end])
        refusal(path)


@pytest.mark.parametrize(
    "content", [b"", b"junk", file.MAGIC, file.MAGIC + b"\n" * 99, b"\0" * 999]
)
def test_what_is_no_certificate_is_refused(path, content):
    path.write_bytes(content)
    refusal(path)


def test_a_certificate_of_another_version_is_named_as_such(path):
    for version in (b"2", b"4"):
        path.write_bytes(b"sortopt lower-bound certificate " + version + b"\nand more")
        assert "another version" in refusal(path)


def test_what_cannot_be_read_is_refused(tmp_path):
    for path in (tmp_path / "missing", tmp_path, tmp_path / ("x" * 999), "nul\0byte"):
        refusal(path)


HEADERS = {
    "no JSON": b"{",
    "no text": b"\xff\xfe\x00",
    "nested a thousand times": b"[" * 5000 + b"]" * 5000,
    "objects nested a thousand times": b'{"a":' * 2500 + b"0" + b"}" * 2500,
    "without end": b"[" + b"0," * 20000 + b"0]",
    "a list": b"[]",
    "a number": b"3",
    "nothing": b"null",
    "an empty object": b"{}",
}


@pytest.mark.parametrize("line", HEADERS.values(), ids=HEADERS)
def test_a_header_that_is_none_is_refused(path, line):
    _, stream = written(path, made(SORT3))
    forge(path, line, stream)
    assert "header" in refusal(path)


HUGE = 1 << 80
CHANGES = {
    "an infinite limit": {"limit": float("inf")},
    "a limit that is no number": {"limit": float("nan")},
    "a limit as text": {"limit": "10"},
    "a negative limit": {"limit": -1},
    "a limit beyond a byte": {"limit": 255},
    "a huge limit": {"limit": HUGE},
    "a limit of a thousand digits": {"limit": 10**1000},
    "a truth value for a number": {"limit": True},
    "a number for a truth value": {"filled": 0},
    "no levels": {"levels": []},
    "levels that are no list": {"levels": 3},
    "a negative level": {"levels": [1, -1, 23]},
    "a level that is no number": {"levels": [1, None]},
    "an infinite level": {"levels": [float("inf")]},
    "a huge level": {"levels": [HUGE]},
    "levels that add up to a huge number": {"levels": [1 << 62] * 100},
    "no assignments": {"assignments": 0},
    "a negative number of assignments": {"assignments": -132},
    "a huge number of assignments": {"assignments": HUGE},
    "as many assignments as memory has": {"assignments": 1 << 40},
    "one assignment more": {"assignments": 133},
    "no question": {"question": None},
    "sixteen keys": {"question": SORT3.record() | {"n": 16}},
    "a field that is unknown": {"depths": []},
}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_a_header_out_of_range_is_refused(path, changes):
    header, stream = written(path, made(SORT3))
    assert header["assignments"] == 132
    forge(path, header | changes, stream)
    refusal(path)


def test_more_states_than_can_be_checked_are_refused_before_they_are_unpacked(path):
    header, stream = written(path, made(SORT3))
    forge(path, header | {"assignments": 1 << 40}, stream)
    assert "too many to be checked" in refusal(path)


@pytest.mark.parametrize(
    "field", ["question", "restricted", "limit", "filled", "levels", "assignments"]
)
def test_a_header_that_lacks_a_field_is_refused(path, field):
    header, stream = written(path, made(SORT3))
    del header[field]
    forge(path, header, stream)
    assert "lacks a field" in refusal(path)


STREAMS = {
    "nothing": b"",
    "junk": b"junk" * 100,
    "an old container": lzma.compress(bytes(308), lzma.FORMAT_ALONE),
    "two streams": lzma.compress(bytes(308)) * 2,
    "more behind it": lzma.compress(bytes(308)) + b"\0",
    "a byte too few": lzma.compress(bytes(307)),
    "a byte too many": lzma.compress(bytes(309)),
    "far too many bytes": lzma.compress(bytes(1 << 20), preset=0),
}


@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS)
def test_a_stream_that_does_not_fit_its_header_is_refused(path, stream):
    header, _ = written(path, made(SORT3))
    forge(path, header, stream)
    refusal(path)


def test_states_of_nothing_are_refused_by_the_checker(path):
    """As many numbers as there should be, all of them 0."""
    header, _ = written(path, made(SORT3))
    forge(path, header, lzma.compress(bytes(2 * (22 + 132))))
    assert check(file.read(str(path))).fault is not None


def test_a_bomb_is_not_unpacked_beyond_what_its_header_says(path):
    """A quarter of a GiB behind a header that promises little."""
    packer = lzma.LZMACompressor(preset=0)
    block = bytes(1 << 24)
    stream = b"".join(packer.compress(block) for _ in range(16)) + packer.flush()
    header, _ = written(path, made(SORT3))
    forge(path, header, stream)
    tracemalloc.start()
    try:
        assert "more or fewer states" in refusal(path)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 100 << 20


def test_a_memory_limit_that_the_states_would_pass_ends_the_reading(path):
    header, stream = written(path, made(SORT3))
    forge(path, header | {"assignments": 1 << 29}, stream)
    memory = peak_memory() + (1 << 28)
    with pytest.raises(LimitReached, match="memory"):
        file.read(str(path), Budget(memory=memory))


def test_a_spent_budget_ends_the_reading(path):
    file.write(str(path), made(SORT3))
    with pytest.raises(LimitReached):
        file.read(str(path), Budget(1e-9))


def test_a_file_larger_than_any_certificate_is_refused_unread(path, monkeypatch):
    file.write(str(path), made(SORT3))
    monkeypatch.setattr(file, "_LARGEST", 100)
    assert "larger than any" in refusal(path)
