"""`--svg` of the commands: drawings that are well formed, and what they show."""

import xml.etree.ElementTree as ET

import pytest
from places import ROOT

from sortopt.base import ExitCode
from sortopt.cli.app import run

SORT3 = str(ROOT / "kernels" / "alphadev" / "sort3.asm")
SPACE = {"s": "http://www.w3.org/2000/svg"}


def drawn(tmp_path, *words):
    """Return the picture that a command draws."""
    path = tmp_path / "picture.svg"
    assert run([*words, "--svg", str(path)]) == ExitCode.DONE
    text = path.read_text()
    assert "prefers-color-scheme:dark" in text
    return ET.fromstring(text)


def texts(picture):
    return [text.text for text in picture.iterfind(".//s:text", SPACE)]


def test_show_draws_the_data_flow_with_its_own_colours(tmp_path):
    picture = drawn(tmp_path, "show", SORT3)
    assert len(picture.findall("s:g", SPACE)) == 11
    assert len(picture.findall("s:g[@class='critical']", SPACE)) == 6


def test_search_draws_the_states_of_each_level_of_the_proof(tmp_path):
    picture = drawn(tmp_path, "search", "--n", "2")
    levels = [text for text in texts(picture) if text.startswith("level")]
    assert levels == [f"level {depth}" for depth in range(len(levels))]
    assert texts(picture)[2] == "1"  # the start


def test_a_search_without_a_complete_level_draws_nothing(tmp_path, capsys):
    path = tmp_path / "none.svg"
    run(["search", "--n", "1", "--svg", str(path)])
    assert "nothing to draw" in capsys.readouterr().err
    assert not path.exists()


def test_the_front_is_drawn_with_a_bar_a_length(tmp_path, sort2):
    picture = drawn(tmp_path, "optimize", sort2, "--pareto")
    assert "4 instructions" in texts(picture)


def test_a_front_that_is_not_asked_for_is_not_drawn(capsys):
    assert run(["optimize", SORT3, "--svg", "front.svg"]) == ExitCode.BAD_INPUT
    assert "--svg has no effect without --pareto" in capsys.readouterr().err


@pytest.fixture
def sort2(tmp_path):
    path = tmp_path / "sort2.asm"
    assert run(["search", "--n", "2", "-q", "-o", str(path)]) == ExitCode.DONE
    return str(path)


@pytest.mark.parametrize("command", [("show", SORT3), ("search", "--n", "2")])
def test_an_existing_picture_is_kept_without_force(tmp_path, capsys, command):
    path = tmp_path / "there.svg"
    path.write_text("mine")
    assert run([*command, "--svg", str(path)]) == ExitCode.BAD_INPUT
    assert "there.svg" in capsys.readouterr().err
    assert path.read_text() == "mine"
