"""scripts/bench_optimize.py: one line a lowering, proved anew, and clear words on bad input."""

import importlib.util
import sys

import pytest
from places import SCRIPTS


@pytest.fixture
def script(monkeypatch):
    """Load the script."""
    spec = importlib.util.spec_from_file_location("bench_optimize", SCRIPTS / "bench_optimize.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "bench_optimize", module)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("where", "lowering"), [([], 12), (["--in-memory"], 18)])
def test_a_line_says_what_was_saved_and_how_it_is_proved(script, capsys, tmp_path, where, lowering):
    table = tmp_path / "table.md"
    arguments = ["--n", "3", "--time-limit", "20", "--markdown", str(table), *where]
    assert script.main(arguments) == 0
    out = capsys.readouterr().out
    assert table.read_text() == out
    row = [cell.strip() for cell in out.splitlines()[-1].strip("|").split("|")]
    assert row[:3] == ["3", "3", str(lowering)]
    assert int(row[3]) < lowering
    assert int(row[2]) - int(row[3]) == int(row[4])
    assert row[6] == "proved by weak orders and z3"


def test_a_number_of_keys_that_has_no_network_is_refused(script, capsys):
    with pytest.raises(SystemExit) as refused:
        script.main(["--n", "40"])
    assert refused.value.code == 2
    assert "numbers of keys are 2 to 16" in capsys.readouterr().err


def test_a_table_that_cannot_be_written_is_refused_before_the_work(script, tmp_path):
    with pytest.raises(script.InputError):
        script.main(["--n", "3", "--markdown", str(tmp_path / "none" / "table.md")])
