"""scripts/bench_records.py: what it asks, what it keeps, and the figures it writes."""

import argparse
import json
from dataclasses import replace

import bench_records as records
import measured
import pytest
from corpus import load

from sortopt.base import InputError
from sortopt.formats import print_kernel, read
from sortopt.model import build
from sortopt.networks import best, lower
from sortopt.verify import verify


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


def test_a_figure_holds_all_that_was_measured():
    figure = json.loads(json.dumps(records.figure(row(LOWERED))))
    assert (figure["length"], figure["found_after"], figure["seed"]) == (36, 2.25, 3)
    assert (figure["states"], figure["peak"], figure["isa"]) == (1234, 2**30, "x86-cmov")
    assert [proof["verdict"] for proof in figure["proofs"]] == ["proved", "proved"]
    assert figure["asm"] == print_kernel(LOWERED)
    assert figure["published"]["best"] == 32
    assert records.figure(row(wrong(LOWERED)))["verdict"] == "refuted"
    assert records.figure(row(None))["length"] is None


def test_minima_are_set_beside_what_is_published_of_minima():
    figure = records.figure(replace(row(LOWERED), n=6, isa="x86-minmax"))
    assert figure["published"] == {
        "lowered": 36, "alphadev": None, "best": None,
        "source": "none known; three instructions for each of 12 comparators",
    }  # fmt: skip


def test_commands_carry_every_option():
    options = records.parsed(["--seed", "4", "--threads", "2", "--beam", "50"])
    assert " ".join(records.command_of(6, 600.0, options)) == (
        "search --n 6 --time-limit 600 --threads 2 --seed 4 --beam 50"
    )
    minmax = records.parsed(["--isa", "x86-minmax", "--seed", "4", "--threads", "2"])
    assert "--n 7 --time-limit 60 --isa x86-minmax" in " ".join(records.command_of(7, 60.0, minmax))
    assert options.n == (5, 6, 7, 8)
    assert options.keep is None


def test_lists_of_sizes_and_limits_are_read():
    assert records.sizes("5,6") == (5, 6)
    assert records.time_limits("5=20,6=0.5") == {5: 20.0, 6: 0.5}


@pytest.mark.parametrize("text", ["1", "9", "5,x", ""])
def test_wrong_sizes_are_refused(text):
    with pytest.raises((argparse.ArgumentTypeError, ValueError)):
        records.sizes(text)


@pytest.mark.parametrize("text", ["5", "5=0", "5=-1", "5=inf", "9=3", "5=x", "5=nan"])
def test_wrong_limits_are_refused(text):
    with pytest.raises((argparse.ArgumentTypeError, ValueError)):
        records.time_limits(text)


def test_unwritable_files_are_refused_before_the_search(tmp_path, monkeypatch):
    monkeypatch.setattr(measured, "record", lambda words, limit: pytest.fail("it searches"))
    with pytest.raises(InputError, match="no folder"):
        records.main(["--results", str(tmp_path / "missing" / "records.json")])
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot make the folder"):
        records.main(["--keep", str(tmp_path / "file" / "found")])


def test_whole_run_on_few_keys(tmp_path, capsys):
    results, folder = tmp_path / "records.json", tmp_path / "found"
    status = records.main(
        ["--n", "3", "--threads", "1", "--time-limit", "3=600,5=600", "--keep", str(folder),
         "--results", str(results)]
    )  # fmt: skip
    assert status == 0
    assert "| 3 | 11 |" in capsys.readouterr().out
    (figure,) = json.loads(results.read_text())["figures"]
    assert (figure["length"], figure["lower_bound"], figure["proved_minimal"]) == (11, 11, True)
    (path,) = folder.iterdir()
    assert path.name == f"sort3-len11-depth{figure['depth']}.asm"
    assert verify(read(path).kernel).verdict.name == "proved"
    assert 2**20 < figure["peak"] < 2**33
