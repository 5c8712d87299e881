"""scripts/tables.py: tables say what their files say, and the documents say what the tables say."""

import json

import measured
import pytest
import tables

from sortopt.base import InputError

PUBLISHED = {"lowered": 36, "alphadev": 33, "best": 32, "source": "someone"}
RECORD = {"n": 5, "isa": "x86-cmov", "length": 32, "found_after": 2.25, "time_limit": 20.0,
          "states": 1234, "seed": 3, "verdict": "proved by weak orders and z3", "lower_bound": 10,
          "peak": 2**30, "published": PUBLISHED}  # fmt: skip


def cells(table):
    """Return the cells of each line under the head."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]
    ]


def test_every_table_of_the_documents_is_what_its_files_say():
    for path in tables.documents():
        text = path.read_text()
        assert tables.filled(text) == text, f"{path}: run scripts/tables.py"


def test_every_table_stands_in_a_document_and_every_file_in_a_table():
    text = "".join(path.read_text() for path in tables.documents())
    assert {name for _, name, _ in tables.MARKED.findall(text)} == tables.TABLES.keys()
    files = {path.stem for path in measured.RESULTS.glob("*.json")}
    assert files == {file for table in tables.TABLES.values() for file in table.files}


def test_a_rung_without_a_proof_has_a_question_mark_and_counts_stand_in_brackets():
    found = {"status": 0, "length": 4, "lower_bound": 4, "proved_minimal": True, "verified": True}
    open_ = found | {"length": None, "lower_bound": 19, "proved_minimal": False, "count": None}
    table = tables.rungs([
        found | {"name": "rungs, sort of 2, values", "count": 1036},
        open_ | {"name": "rungs, sort of 2, stable"},
        found | {"name": "rungs, merge:1,2 of 3, stable", "count": None},
    ])  # fmt: skip
    assert cells(table) == [
        ["sort of 2", "4 (1,036)", "19 or more?"],
        ["merge:1,2 of 3", "", "4"],
    ]


def test_a_table_that_differs_is_found_and_brought_up_to_date(tmp_path, monkeypatch, capsys):
    (tmp_path / "docs" / "results").mkdir(parents=True)
    result = {"date": "2026-01-01", "commit": "abc", "processor": "a CPU", "cores": 2,
              "command": "it", "note": "in haste",
              "figures": [{"kernels": 100, "failing": 20, "repaired": 5}]}  # fmt: skip
    (tmp_path / "docs" / "results" / "repairs.json").write_text(json.dumps(result))
    readme = tmp_path / "README.md"
    readme.write_text("before\n<!-- results: repairs -->\nold\n<!-- end of results -->\nafter\n")
    monkeypatch.setattr(measured, "ROOT", tmp_path)
    monkeypatch.setattr(measured, "RESULTS", tmp_path / "docs" / "results")
    assert tables.main(["--check"]) == 1
    assert "old" in readme.read_text()
    assert tables.main([]) == 0
    assert tables.main(["--check"]) == 0
    assert "README.md: brought up to date" in capsys.readouterr().err
    text = readme.read_text()
    assert text.startswith("before\n<!-- results: repairs -->\n")
    assert text.endswith("<!-- end of results -->\nafter\n")
    assert "20 fail on ties, and 5 of those (25%) are repaired" in text
    assert (
        "- `docs/results/repairs.json`: 2026-01-01, commit abc, a CPU, 2 cores: `it`; in haste"
    ) in text


def test_a_brief_table_names_its_files_only():
    text = tables.rendered("overview")
    assert text.endswith(
        "\n\nFrom `records-cmov`, `records-minmax`, `search`, `search-long`, `bounds`"
        " in `docs/results`."
    )


def test_a_table_without_its_file_and_an_unknown_one_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(measured, "RESULTS", tmp_path)
    with pytest.raises(InputError, match="there is no file"):
        tables.rendered("repairs")
    with pytest.raises(InputError, match="no table is called 'nothing'"):
        tables.rendered("nothing")


def test_records_stand_beside_what_is_published():
    assert cells(tables.records([RECORD])) == [
        ["5", "32", "2.2 s", "20 s", "1,234", "3", "proved by weak orders and z3", "10",
         "1.00 GiB", "36", "33", "32"]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "shown"),
    [({"length": 31}, "**31**"), ({"length": 31, "verdict": "refuted"}, "31"),
     ({"length": None}, "–")],
)  # fmt: skip
def test_what_is_proved_and_shorter_than_published_is_marked(change, shown):
    assert tables.found_length(RECORD | change) == shown


def test_the_overview_shows_the_best_bound_that_any_file_proves():
    proof = {"command": "sortopt search --n 5 --prove", "lower_bound": 20}
    other = {"command": "sortopt search --n 5 --distinct", "lower_bound": 31}
    minmax = RECORD | {"isa": "x86-minmax", "length": 22, "lower_bound": 22,
                       "published": PUBLISHED | {"best": None}}  # fmt: skip
    assert cells(tables.overview([RECORD, minmax, proof, other])) == [
        ["5", "32", "at least 20", "32", "**22**", "minimal", "36"]
    ]


def test_lengths_are_a_table_of_goals_by_instruction_set_and_keys():
    proved = {"status": 0, "lower_bound": 11, "length": 11, "proved_minimal": True,
              "verified": True}  # fmt: skip
    stopped = proved | {"length": None, "lower_bound": 17, "proved_minimal": False}
    found = [
        {"name": "lengths, x86-cmov, sort, n = 3", **proved, "critical_path": 5},
        {"name": "lengths, x86-minmax, sort given a<b, a<c, n = 4", **stopped},
    ]
    assert tables.goals(found).splitlines() == [
        "| cmov | n = 3 |",
        "| --- | --- |",
        "| sort | 11 (5) |",
        "",
        "| min/max | n = 4 |",
        "| --- | --- |",
        "| sort given a<b, a<c | 17 or more? |",
    ]


def test_runs_of_many_seeds_are_shown_with_their_spread():
    run = {"n": 9, "in_memory": False, "before": 100, "time_limit": 60.0, "date": "2026-01-01"}
    found = [{**run, "seed": seed, "after": after} for seed, after in ((0, 97), (1, 96), (2, 98))]
    found.append({**run, "in_memory": True, "before": 118, "seed": 0, "after": 110})
    assert cells(tables.shortened(found)) == [
        ["9", "100", "96 / 97 / 98", "3", "60", "0, 1, 2", "2026-01-01"],
        ["9, loaded and stored", "118", "110", "1", "60", "0", "2026-01-01"],
    ]


def test_timings_mark_what_is_shown_to_differ():
    entry = {"n": 3, "setting": "standalone", "distribution": "random", "unit": "ns a sort"}
    found = [
        {**entry, "name": "ours", "median": 1.131, "shown": False},
        {**entry, "name": "std", "median": 13.18, "shown": True},
        {**entry, "name": "std", "median": 1.0, "shown": True, "distribution": "few"},
    ]
    assert cells(tables.timings(found)) == [
        ["standalone, ns a sort", "3", "1.13", "13.18*"],
        ["standalone, few, ns a sort", "3", "–", "1.00*"],
    ]


def test_times_are_short():
    assert [tables.seconds(s) for s in (None, 0.0612, 8.73, 33.4, 354)] == [
        "–", "0.061 s", "8.7 s", "33 s", "6 min",
    ]  # fmt: skip
