"""scripts/landscape.py and its tables: what the command says stands in the documentation."""

import json

import landscape
import measured
import pytest
import tables

import sortopt
from sortopt.base import InputError
from sortopt.report.landscape import record


@pytest.fixture(scope="module")
def found():
    """The record of two keys, as it comes from a file."""
    return json.loads(json.dumps(record(sortopt.landscape(2, slack=1, drawn=20, runs=4))))


def rows(table):
    return [[c.strip() for c in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_the_tables_hold_the_figures_of_the_record(found):
    assert rows(tables.kernels_by_length([found])) == [
        ["2, cmov", "4", "8", "all", "6", "3", "1.5", "2", "4", "3"],
        ["2, cmov", "5", "280", "all", "180", "90", "4.7", "2", "140", "12"],
    ]
    assert rows(tables.joined([found])) == [["2, cmov", "4", "2", "2"]]
    (row,) = rows(tables.ways_down([found]))
    assert row == ["2, cmov", "5", "15.0%", "11.4%", "2.1%", "1.4%", "0.0%", "0 of 2"]
    (row,) = rows(tables.failing_inputs([found]))
    assert row[:3] == ["2, cmov", "3", "2.2 (from 1 on)"]
    assert [row[:2] for row in rows(tables.walks([found]))] == [["2, cmov", "4"], ["2, cmov", "5"]]


def test_a_length_of_which_kernels_were_drawn_leaves_dead_ends_open(found):
    first, second = found["levels"]
    drawn = {**found, "levels": [first, {**second, "parts": None, "dead_ends": None}]}
    (row,) = rows(tables.ways_down([drawn]))
    assert row[5:] == ["1.4%, or dead ends", "", ""]
    assert tables.joined([drawn]).count("\n") == 1


def test_each_command_gives_a_figure_and_is_kept_at_once(monkeypatch, tmp_path, found):
    path, asked = tmp_path / "landscape.json", []

    def recorded(words, limit):
        asked.append((words, path.exists()))
        return found, 0

    monkeypatch.setattr(measured, "record", recorded)
    assert landscape.main(["--only", "2", "3", "--results", str(path)]) == 0
    figures = json.loads(path.read_text())["figures"]
    assert [f["command"].split()[3] for f in figures] == [words[2] for words, _ in asked]
    assert {words[2] for words, _ in asked} == {"2", "3"}
    assert [kept for _, kept in asked] == [False] + [True] * (len(asked) - 1)


def test_results_that_cannot_be_written_are_refused_before_the_work(tmp_path):
    with pytest.raises(InputError):
        landscape.main(["--results", str(tmp_path / "none" / "landscape.json")])
