"""Every fault in a kernel file gets one message with its place: the files of tests/golden/formats.

Beside each faulty file lies the message, `NAME.asm.txt`; `python
tests/formats/test_formats_errors.py` writes the messages anew.
"""

import pytest
from places import GOLDEN

from sortopt.base import Source
from sortopt.base.errors import ExitCode, InputError
from sortopt.formats import SPELLINGS, Token, read, unknown

FOLDER = GOLDEN / "formats"
FAULTY = sorted(path for path in FOLDER.iterdir() if path.suffix != ".txt")


def message(path):
    with pytest.raises(InputError) as caught:
        read(path)
    assert caught.value.exit_code is ExitCode.BAD_INPUT
    return caught.value.render().replace(f"{path.parent}/", "") + "\n"


def expected(path):
    return path.with_name(path.name + ".txt")


@pytest.mark.parametrize("path", FAULTY, ids=lambda path: path.name)
def test_message_of_a_faulty_file_is_the_golden_one(path):
    assert message(path) == expected(path).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FAULTY, ids=lambda path: path.name)
def test_message_names_a_place_and_a_way_to_mend_it(path):
    where, _, what = message(path).partition(": error: ")
    assert where.startswith(path.name)
    assert len(what.splitlines()[0]) > 20


def test_every_golden_message_has_its_file():
    assert {expected(path) for path in FAULTY} == {
        p for p in FOLDER.iterdir() if p.suffix == ".txt"
    }


if __name__ == "__main__":
    for faulty in FAULTY:
        expected(faulty).write_text(message(faulty), encoding="utf-8")


def test_a_known_mnemonic_is_never_called_unknown():
    source = Source("kernel.s", "mov")
    for word in SPELLINGS:
        error = unknown(Token(word, source, 1, 1))
        assert error.message == f"{word} with such operands is outside the model"
