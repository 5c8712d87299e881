"""scripts/bench_records.py: what it asks, what it keeps, and the table it writes."""

import argparse
import importlib.util
import json
import sys
from dataclasses import replace

import pytest
from places import SCRIPTS

from sortopt.base.errors import InputError
from sortopt.formats import print_kernel, read
from sortopt.model.kernel import build
from sortopt.networks import best
from sortopt.networks.lowering import lower
from sortopt.targets import X86_MINMAX
from sortopt.tasks.corpus import load
from sortopt.verify import verify

PATH = SCRIPTS / "bench_records.py"
SPEC = importlib.util.spec_from_file_location("bench_records", PATH)
records = importlib.util.module_from_spec(SPEC)
sys.modules["bench_records"] = records
SPEC.loader.exec_module(records)

ABOUT = {"date": "2026-01-01", "version": "0", "cpu": "a CPU", "threads": "1", "command": "it"}


def row(kernel, **changes):
    record = {"improvements": [{"length": 40, "seconds": 0.5}, {"length": 36, "seconds": 2.25}],
              "states": 1234, "lower_bound": 10, "proved_minimal": False, "seconds": 20.0,
              "stopped": None}  # fmt: skip
    judgement = None if kernel is None else verify(kernel)
    made = records.Row(5, "sortopt search --n 5", 20.0, 3, record, 2**30, kernel, judgement)
    return replace(made, **changes)


LOWERED = lower(best(5))


def lengthened(kernel):
    """Return `kernel` with its first instruction twice: no shorter, and as right."""
    names = [cell.name for cell in kernel.cells]
    program = [(i.form, tuple(names[c] for c in i.operands)) for i in kernel.instructions]
    return build(
        kernel.isa,
        [program[0], *program],
        inputs=[names[c] for c in kernel.contract.inputs],
        outputs=[names[c] for c in kernel.contract.outputs],
    )


def wrong(kernel):
    names = [cell.name for cell in kernel.cells]
    outputs = [names[c] for c in kernel.contract.outputs]
    program = [(i.form, tuple(names[c] for c in i.operands)) for i in kernel.instructions]
    inputs = [names[c] for c in kernel.contract.inputs]
    return build(kernel.isa, program, inputs=inputs, outputs=outputs[::-1])


def test_published_figures_are_consistent():
    for n, published in records.PUBLISHED.items():
        assert published.lowered == 4 * best(n).size
        assert published.best <= (published.alphadev or published.lowered) <= published.lowered
        assert published.source


def test_kept_kernel_is_a_proved_file_of_the_corpus(tmp_path):
    folder = tmp_path / "found"
    said = records.keep(row(LOWERED), folder)
    (path,) = folder.iterdir()
    assert path.name == f"sort5-len36-depth{records.depth_of(LOWERED)}.asm"
    assert path.name in said
    (entry,) = load(tmp_path)
    assert (entry.kernel, entry.family, entry.expect) == (LOWERED, "found", "proved")
    assert "; assume:  none\n" in path.read_text()
    for said in ("sortopt search --n 5, sortopt ", "proved by weak orders and z3",
                 "not proved minimal, at least 10"):  # fmt: skip
        assert said in entry.file.source


def test_kernel_is_not_kept_beside_one_as_good(tmp_path):
    records.keep(row(LOWERED), tmp_path)
    before = {path: path.read_text() for path in tmp_path.iterdir()}
    assert "as good" in records.keep(row(LOWERED, seed=9), tmp_path)
    assert "as good" in records.keep(row(lengthened(LOWERED)), tmp_path)
    assert {path: path.read_text() for path in tmp_path.iterdir()} == before


def test_shorter_kernel_is_kept_beside_a_longer_one(tmp_path):
    records.keep(row(lengthened(LOWERED)), tmp_path)
    assert "kept as sort5-len36" in records.keep(row(LOWERED), tmp_path)
    assert sorted(len(read(path).kernel) for path in tmp_path.iterdir()) == [36, 37]


def test_kernel_that_is_not_proved_is_never_kept(tmp_path):
    for bad in (row(wrong(LOWERED)), row(None)):
        assert not bad.proved
        with pytest.raises(InputError, match="not proved"):
            records.keep(bad, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_table_sets_what_was_found_beside_what_is_published():
    text = records.markdown([row(LOWERED)], ABOUT)
    line = next(line for line in text.splitlines() if line.startswith("| 5 "))
    assert [cell.strip() for cell in line.strip("|").split("|")] == [
        "5", "36", "2.2 s", "20 s", "1,234", "3", "proved by weak orders and z3", "10", "1.00 GiB",
        "36", "33", "32",
    ]  # fmt: skip
    assert "CGO 2025" in text
    assert "a CPU, 1 threads: `it`" in text


def test_table_marks_what_is_shorter_than_published(monkeypatch):
    published = replace(records.PUBLISHED[5], best=37)
    monkeypatch.setitem(records.PUBLISHED, 5, published)
    assert "| **36** |" in records.markdown([row(LOWERED)], ABOUT)
    assert "| 36 |" in records.markdown([row(wrong(LOWERED))], ABOUT).replace("**", "")
    assert "**" not in records.markdown([row(wrong(LOWERED))], ABOUT)


def test_table_of_minima_sets_beside_them_what_is_published_of_minima():
    kernel = lower(best(6), X86_MINMAX)
    line = records.markdown([replace(row(kernel), n=6, isa="x86-minmax")], ABOUT).splitlines()[4]
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert (cells[0], cells[1], cells[-3:]) == ("6", "36", ["36", "–", "–"])


def test_table_says_refuted_and_nothing_found():
    assert "| refuted |" in records.markdown([row(wrong(LOWERED))], ABOUT)
    assert "| – | – | 20 s |" in records.markdown([row(None)], ABOUT)


def test_json_holds_every_figure():
    told = json.loads(json.dumps(records.as_json([row(LOWERED)], ABOUT)))
    (got,) = told["rows"]
    assert (got["length"], got["found_after"], got["seed"], got["states"]) == (36, 2.25, 3, 1234)
    assert [proof["verdict"] for proof in got["proofs"]] == ["proved", "proved"]
    assert got["asm"] == print_kernel(LOWERED)
    assert got["published"]["best"] == 32


def test_commands_carry_every_option():
    options = records.parsed(["--seed", "4", "--threads", "2", "--beam", "50"])
    assert " ".join(records.command_of(6, 600.0, options)) == (
        "sortopt search --n 6 --time-limit 600 --seed 4 --threads 2 --beam 50"
    )
    minmax = records.parsed(["--isa", "x86-minmax", "--seed", "4", "--threads", "2"])
    assert "--n 7 --time-limit 60 --isa x86-minmax" in " ".join(records.command_of(7, 60.0, minmax))
    assert options.n == (5, 6, 7, 8)
    assert options.keep is None


def test_lists_of_sizes_and_limits_are_read():
    assert records.sizes("5,6") == (5, 6)
    assert records.time_limits("5=20,6=0.5") == {5: 20.0, 6: 0.5}


@pytest.mark.parametrize("text", ["2", "9", "5,x", ""])
def test_wrong_sizes_are_refused(text):
    with pytest.raises((argparse.ArgumentTypeError, ValueError)):
        records.sizes(text)


@pytest.mark.parametrize("text", ["5", "5=0", "5=-1", "5=inf", "9=3", "5=x", "5=nan"])
def test_wrong_limits_are_refused(text):
    with pytest.raises((argparse.ArgumentTypeError, ValueError)):
        records.time_limits(text)


def test_unwritable_targets_are_told_before_the_search(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "run", lambda words, limit: pytest.fail("it searches"))
    with pytest.raises(InputError, match="no folder"):
        records.main(["--markdown", str(tmp_path / "missing" / "table.md")])
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot make the folder"):
        records.main(["--keep", str(tmp_path / "file" / "found")])


def test_whole_run_on_few_keys(tmp_path, capsys):
    table, figures, folder = tmp_path / "t.md", tmp_path / "t.json", tmp_path / "found"
    status = records.main(
        ["--n", "3", "--threads", "1", "--time-limit", "3=60,5=1", "--keep", str(folder),
         "--markdown", str(table), "--json", str(figures)]
    )  # fmt: skip
    assert status == 0
    assert table.read_text() == capsys.readouterr().out
    (got,) = json.loads(figures.read_text())["rows"]
    assert (got["length"], got["lower_bound"], got["proved_minimal"]) == (11, 11, True)
    (path,) = folder.iterdir()
    assert path.name == f"sort3-len11-depth{got['depth']}.asm"
    assert verify(read(path).kernel).verdict.name == "proved"
    assert 2**20 < got["peak_bytes"] < 2**33
