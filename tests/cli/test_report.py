"""`sortopt report`, and `--report` of other commands."""

import json
import sys

import pytest
from places import ROOT

from sortopt.cli import app

SORT3 = "kernels/alphadev/sort3.asm"
MOVELESS = "kernels/claim/without-mov.asm"


@pytest.fixture(autouse=True)
def in_root(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize(("file", "status"), [(SORT3, 0), (MOVELESS, 1)])
def test_a_page_is_written_and_the_status_is_that_of_verify(file, status, capsys, tmp_path):
    page = tmp_path / "page.html"
    assert app.run(["report", file, "-o", str(page)]) == status
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"wrote {page}\n{'proved' if status == 0 else 'refuted'}")
    assert page.read_text().endswith("</html>\n")


def test_a_page_goes_to_stdout_or_into_the_record(capsys):
    assert app.run(["report", SORT3]) == 0
    text = capsys.readouterr().out
    assert app.run(["report", SORT3, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["text"] == text
    assert record["verdict"] == "proved"


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["counterexample", MOVELESS], 1, "1 2 1 comes out as 1 2 1, not 1 1 2."),
        (["counterexample"], 0, "without mov P, S: right given b &lt; c"),
        (["search", "--n", "2"], 0, "proved minimal: no shorter kernel exists in this model"),
    ],
)
def test_commands_write_a_page_beside_what_they_print(words, status, said, capsys, tmp_path):
    page = tmp_path / "page.html"
    assert app.run([*words, "--report", str(page)]) == status
    assert said in page.read_text()
    printed = capsys.readouterr()
    assert printed.out
    assert printed.err.endswith(f"wrote {page}\n")


def test_where_no_kernel_is_found_the_search_says_that_there_is_no_page(capsys, tmp_path):
    page = tmp_path / "page.html"
    assert app.run(["search", "--n", "2", "--max-length", "3", "--report", str(page)]) == 1
    assert f"no kernel, so no {page}" in capsys.readouterr().err
    assert not page.exists()


@pytest.mark.parametrize("words", [["report", SORT3, "-o"], ["search", "--n", "8", "--report"]])
def test_an_existing_file_is_refused_before_any_work(words, capsys, tmp_path):
    page = tmp_path / "page.html"
    page.write_text("mine")
    assert app.run([*words, str(page)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert page.read_text() == "mine"


@pytest.mark.parametrize("words", [["report", SORT3], ["search", "--n", "8", "--report", "x.html"]])
def test_without_jinja_the_error_names_the_extra_before_any_work(words, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    assert app.run(words) == 2
    printed = capsys.readouterr().err
    assert printed.count("\n") == 1
    assert "pip install 'sortopt[report]'" in printed


def test_standard_output_is_left_to_the_answer(capsys):
    assert app.run(["counterexample", "--report", "-"]) == 2
    assert "--report takes a file, not standard output" in capsys.readouterr().err


def test_a_ranking_has_no_page(capsys):
    assert app.run(["search", "--n", "2", "--rank", "latency", "--report", "x.html"]) == 2
    assert "--rank" in capsys.readouterr().err
