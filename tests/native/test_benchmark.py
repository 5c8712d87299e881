"""Benchmarks: what is timed, how it is judged, what is printed; never how long anything takes."""

import csv
import json
import os
import re
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from math import erfc, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernels_by_hand import ALPHADEV3, ALPHADEV4, MEDIAN3, MINMAX3, SORT2, compact, network
from places import KERNELS

from sortopt.base import Budget
from sortopt.base.errors import InputError
from sortopt.cli import app
from sortopt.formats import print_kernel
from sortopt.model import KEY_TYPES
from sortopt.model.kernel import build
from sortopt.model.orders import parse_precondition
from sortopt.native import compiler, mca
from sortopt.native.benchmark import (
    FEWEST_ROUNDS,
    SETTINGS,
    Options,
    Report,
    Result,
    bench,
    short_names,
)
from sortopt.native.costs import RANKINGS, _standing, rank
from sortopt.native.options import DISTRIBUTIONS
from sortopt.native.paired import Paired, Spread, chance, compare, holm, spread
from sortopt.native.subjects import RIVALS, Subject, of_kernel, rivals, shuffles
from sortopt.networks import best, lower
from sortopt.report import bench as bench_report
from sortopt.targets import ISAS, X86_CMOV

SORT3 = str(KERNELS / "alphadev" / "sort3.asm")
REFUTED = str(KERNELS / "claim" / "shown.asm")
MINMAX = str(KERNELS / "minmax" / "sort3-len9-depth5.asm")
INT32 = KEY_TYPES["int32"]


# The paired test


def test_signed_rank_test_gives_the_textbook_value():
    """Ten pairs, all in one direction: z = 27.5 / sqrt(96.25), two-sided p = 0.00506."""
    slow = np.exp(np.arange(1, 11))
    assert chance(slow, np.ones(10)) == pytest.approx(0.00506, abs=1e-5)


def test_signed_rank_test_shares_the_ranks_of_ties():
    """Four differences +1, -1, +1, +1 share rank 2.5: W = 7.5, mean 5, variance 7.5 - 60/48."""
    first = np.exp(np.array([1.0, 0.0, 1.0, 1.0]))
    second = np.exp(np.array([0.0, 1.0, 0.0, 0.0]))
    z = 2.5 / np.sqrt(4 * 5 * 9 / 24 - (4**3 - 4) / 48)
    assert chance(first, second) == pytest.approx(erfc(z / sqrt(2)))


times = st.lists(st.floats(0.5, 2.0), min_size=30, max_size=60)


@given(times)
def test_equal_times_differ_by_chance_only(values):
    row = np.array(values)
    assert chance(row, row) == 1.0
    (verdict,) = compare(np.stack([row, row]), [(0, 1)])
    assert not verdict.shown


@given(times, times)
def test_the_test_takes_no_side(values, others):
    size = min(len(values), len(others))
    a, b = np.array(values[:size]), np.array(others[:size])
    assert chance(a, b) == pytest.approx(chance(b, a))
    assert 0 <= chance(a, b) <= 1


def test_a_constant_factor_is_shown_and_the_faster_one_named():
    rng = np.random.default_rng(0)
    base = rng.uniform(1, 3, 60)  # rounds vary threefold, in step
    slow = base * rng.uniform(1.04, 1.06, 60)
    for order, fast in ((np.stack([base, slow]), 0), (np.stack([slow, base]), 1)):
        (verdict,) = compare(order, [(0, 1)])
        assert verdict.fast == fast
        assert verdict.shown
        assert 1.04 < verdict.ratio.low <= verdict.ratio.median <= verdict.ratio.high < 1.06


def test_a_difference_below_the_resolution_is_not_called_one():
    rng = np.random.default_rng(0)
    base = rng.uniform(1, 3, 100)
    (verdict,) = compare(np.stack([base, base * 1.015]), [(0, 1)])
    assert verdict.chance < 0.001
    assert not verdict.shown


def test_noise_is_hardly_ever_called_a_difference():
    rng = np.random.default_rng(1)
    pairs = [(a, b) for a in range(6) for b in range(a)]
    shown = 0
    for _ in range(50):
        rows = rng.uniform(1, 2, (6, 40))
        shown += any(verdict.shown for verdict in compare(rows, pairs))
    assert shown <= 1  # one family in a thousand is expected


def test_fewest_rounds_suffice_to_show_a_difference_among_many():
    rows = np.stack([np.full(FEWEST_ROUNDS, 1.0 + i / 10) for i in range(10)])
    rows *= np.random.default_rng(2).uniform(0.99, 1.01, rows.shape)
    pairs = [(a, b) for a in range(10) for b in range(a)]
    assert all(verdict.shown for verdict in compare(rows, pairs))


@given(st.lists(st.floats(0, 1), max_size=8))
def test_corrected_chances_are_no_less_keep_their_order_and_stay_chances(chances):
    corrected = holm(chances)
    assert all(c <= d <= 1 for c, d in zip(chances, corrected, strict=True))
    order = sorted(range(len(chances)), key=chances.__getitem__)
    ordered = [corrected[i] for i in order]
    assert ordered == sorted(ordered)


def test_holm_gives_the_textbook_values():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_spread_is_median_and_quartiles():
    assert spread(np.array([1.0, 2, 3, 4, 5])) == Spread(3, 2, 4)


# Subjects


@pytest.mark.parametrize("n", range(2, 9))
@pytest.mark.parametrize("key", KEY_TYPES.values(), ids=lambda key: key.name)
def test_every_rival_exists_where_it_can(n, key):
    names = [subject.name for subject in rivals(("all",), n, key)]
    assert {"network", "insertion", "ternary", "std::sort"} <= set(names)
    assert ("alphadev" in names) == (n in (3, 4, 5))
    assert ("shuffle" in names) == (key.bits == 32 and n in (3, 4))
    assert ("memory, kauer" in names) == (key.bits == 32 and n == 3)
    assert ("network min/max x4" in names) == (key.bits == 32)


def test_a_shuffle_is_found_for_every_outcome_of_its_comparisons():
    for n, outcomes in ((3, 8), (4, 64)):
        table = shuffles(n)
        assert len(table) == outcomes
        assert all(sorted(row) == list(range(16)) for row in table)


def test_rivals_come_once_however_often_they_are_named():
    assert len(rivals(("network", "all", "network"), 3, INT32)) == len(
        rivals(tuple(RIVALS), 3, INT32)
    )


def test_an_unknown_rival_is_refused():
    with pytest.raises(InputError, match=r"unknown rival 'bogo'; use all, or some of network,"):
        rivals(("bogo",), 3, INT32)


@pytest.mark.parametrize(
    "kernel", [MEDIAN3, ALPHADEV3.assuming(parse_precondition("b<c"))], ids=["median", "given"]
)
def test_a_kernel_that_does_not_sort_arbitrary_keys_is_refused(kernel):
    with pytest.raises(InputError, match="k cannot be timed on arbitrary keys"):
        of_kernel("k", kernel, INT32)


def test_a_kernel_of_floating_point_keys_is_refused():
    with pytest.raises(InputError, match="k sorts floating-point numbers, and bench times"):
        of_kernel("k", lower(best(2), ISAS["x86-float"]), INT32)


# Benchmarks


@pytest.fixture(scope="module")
def report():
    options = Options(against=("all",), rounds=FEWEST_ROUNDS)
    return bench([("bubble", network("12", "23", "12")), ("lanes", MINMAX3)], options)


def test_every_setting_and_distribution_is_measured_for_every_subject(report):
    assert [(r.setting, r.distribution) for r in report.results] == [
        (setting, distribution) for setting in SETTINGS for distribution in DISTRIBUTIONS
    ]
    everyone = {"bubble", "lanes", "lanes x4", "network", "network min/max", "network min/max x4",
                "alphadev", "memory, alphadev", "memory, gcc", "memory, kauer", "memory, shortest",
                "shuffle", "insertion", "ternary", "std::sort"}  # fmt: skip
    for result in report.results:
        alone = result.setting == "standalone"
        assert set(result.names) == (everyone if alone else {n for n in everyone if "x4" not in n})
        assert len(result.times) == len(result.names)
        assert len(result.verdicts) == len(result.names) * (len(result.names) - 1) // 2
        assert all(0 < t.low <= t.median <= t.high for t in result.times)


def test_a_report_names_cpu_compiler_flags_and_test(report):
    assert report.cpu
    assert any("-O2" in line for line in report.compilers)
    assert "Wilcoxon" in report.test
    assert report.notes == ()


def test_a_result_finds_the_verdict_on_two_names_in_either_order(report):
    result = report.results[0]
    assert result.ratio("bubble", "insertion") is result.ratio("insertion", "bubble")


def test_64_bit_keys_and_all_sizes_sort_embedded():
    for n in (2, 7, 8):
        pairs = [f"{i}{i + 1}" for last in range(n - 1, 0, -1) for i in range(1, last + 1)]
        options = Options("uint64", rounds=FEWEST_ROUNDS, distributions=("few",))
        found = bench([("bubble", network(*pairs))], options)
        assert [r.setting for r in found.results] == list(SETTINGS)


def test_without_a_c_compiler_kernels_are_timed_standalone(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("CC", raising=False)
    options = Options(against=("all",), rounds=FEWEST_ROUNDS, distributions=("random",))
    found = bench([("mine", ALPHADEV3)], options)
    assert [r.setting for r in found.results] == ["standalone"]
    assert "insertion" not in found.results[0].names
    assert {"mine", "network", "network min/max x4"} <= set(found.results[0].names)
    assert "there is no C compiler" in found.notes[0]
    assert "std::sort is left out: it needs a compiler" in found.notes


def test_without_a_cpp_compiler_std_sort_is_left_out(monkeypatch):
    all_of = compiler.installed
    monkeypatch.setattr(compiler, "installed", lambda lang: all_of(lang) if lang == "c" else [])
    options = Options(
        against=("std",), rounds=FEWEST_ROUNDS, distributions=("random",), settings=("standalone",)
    )
    found = bench([("mine", ALPHADEV3)], options)
    assert found.notes == ("std::sort is left out: there is no c++ compiler",)


def test_what_a_compiler_chooses_instructions_for_is_compiled_by_each(monkeypatch):
    first = compiler.find("c")
    other = replace(first, command=("/usr/bin/env", *first.command), version="another")
    monkeypatch.setattr(compiler, "installed", lambda language: [first, other])
    options = Options(
        against=("ternary", "network"),
        rounds=FEWEST_ROUNDS,
        distributions=("random",),
        settings=("standalone",),
    )
    found = bench([("mine", ALPHADEV3)], options)
    assert found.results[0].names == ("mine", "ternary", "ternary, env", "network")


def test_a_compiler_that_is_there_under_two_names_comes_once(monkeypatch, tmp_path):
    for name in ("gcc", "clang"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {name} 1\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "cc").symlink_to("gcc")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    monkeypatch.delenv("CC", raising=False)
    assert [found.version for found in compiler.installed("c")] == ["gcc 1", "clang 1"]


def test_a_compiler_that_cannot_be_run_is_named(monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler -O9")
    with pytest.raises(InputError, match=r"\$CC names no-such-compiler, which cannot be run"):
        compiler.find("c")


def test_a_compiler_that_fails_is_quoted(tmp_path):
    found = compiler.find("c")
    with pytest.raises(InputError, match=r"failed on wrong: .*error"):
        found.build("int f( {", "wrong", tmp_path)
    with pytest.raises(InputError, match="cannot write"):
        found.build("int x;", "wrong", tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("kernels", "options", "message"),
    [
        ([], Options(), "no kernel to time"),
        ([("a", ALPHADEV3), ("b", ALPHADEV4)], Options(), "b sorts 4 keys, a sorts 3"),
        ([("a", compact("m21", "1", "1"))], Options(), "a sorts one key"),
        ([("a", SORT2), ("a", SORT2)], Options(), "two subjects are called 'a'"),
        ([("a", SORT2)], Options(rounds=5), "5 rounds show nothing"),
        ([("a", SORT2)], Options(settings=("bubble",)), "unknown setting 'bubble'"),
        ([("a", SORT2)], Options(distributions=("odd",)), "unknown distribution 'odd'"),
        ([("a", SORT2)], Options(key="int9"), "unknown key type 'int9'"),
    ],
    ids=["none", "sizes", "one", "names", "rounds", "setting", "distribution", "key"],
)
def test_what_cannot_be_compared_is_refused(kernels, options, message):
    with pytest.raises(InputError, match=message):
        bench(kernels, options)


def test_kernels_are_called_after_their_files_unless_two_clash():
    assert short_names(["a/x.asm", "b/y.asm"]) == ["x", "y"]
    assert short_names(["a/x.asm", "b/x.asm", "y.s"]) == ["a/x.asm", "b/x.asm", "y"]


# Chart


def invented():
    """A report with known figures."""
    names, spreads = ("fast <1>", "slow"), (Spread(1, 0.9, 1.1), Spread(2, 1.5, 4))
    verdict = Paired(0, 1, Spread(2, 1.9, 2.1), 0.001)
    result = Result("standalone", "random", "ns a sort", names, spreads, (verdict,))
    subjects = tuple(Subject(name, "kernel", 3, "c", "", "", ALPHADEV3) for name in names)
    return Report(3, Options(), "a & b", ("cc",), subjects, (result,), ())


def test_the_chart_is_well_formed_and_its_bars_are_to_scale():
    root = ET.fromstring(bench_report.picture(invented()))
    space = {"s": "http://www.w3.org/2000/svg"}
    widths = [float(bar.get("width")) for bar in root.findall("s:rect", space)]
    assert widths[1] == pytest.approx(2 * widths[0], rel=0.01)
    texts = [text.text for text in root.findall("s:text", space)]
    assert "fast <1>" in texts
    assert "a & b" in root.find("s:title", space).text


def test_a_kernel_by_itself_is_called_neither_fast_nor_slow():
    report = invented()
    result = replace(
        report.results[0], names=("fast <1>",), times=(Spread(1, 0.9, 1.1),), verdicts=()
    )
    alone = replace(report, subjects=report.subjects[:1], results=(result,))
    printed = [line for line in bench_report.lines(alone) if isinstance(line, str)]
    assert printed[0] == "\nstandalone, ns a sort: median (quartiles)"
    assert printed[-1].startswith("nothing was there to compare with")


# Ranking

BUBBLE, SPLIT = network("12", "23", "12"), network("13", "12", "23")


def test_every_ranking_returns_every_kernel_once_cheapest_first():
    kernels = [BUBBLE, ALPHADEV3, MINMAX3, SPLIT]
    for by in RANKINGS:
        if by == "mca":
            continue  # below, with a tool of which we know what it answers
        ranked = rank(kernels, by)
        assert sorted(map(id, (r.kernel for r in ranked))) == sorted(map(id, kernels))
        costs = [r.cost for r in ranked]
        assert costs == sorted(costs)
        assert ranked[0].tied


def test_ranking_by_length_puts_the_shorter_first():
    assert [len(r.kernel) for r in rank([BUBBLE, ALPHADEV3, MINMAX3], "length")] == [8, 11, 12]


def test_ranking_by_latency_follows_the_cpu():
    (first, second) = rank([SORT2, MINMAX3], "latency", cpu="zen5")
    assert (first.kernel, first.cost) == (SORT2, 3)
    assert (second.kernel, second.cost) == (MINMAX3, 6)
    assert not second.tied


def rank_module():
    """Return the module `rank`, which the package's function of that name hides."""
    return sys.modules["sortopt.native.costs"]


def test_measured_ranking_measures_as_many_as_the_stages_take(monkeypatch):
    monkeypatch.setattr(rank_module(), "STAGES", ((4, 9), (2, 30)))
    told = []
    news = Budget(report=lambda where: told.append(where.doing))
    ranked = rank([BUBBLE, SPLIT, ALPHADEV3] * 2, "measured", news)
    assert [r.rounds for r in ranked] == [30, 30, 9, 9, 0, 0]
    assert [r.unit for r in ranked] == ["ns"] * 4 + ["cycles"] * 2
    assert told == ["assembling 4 of 6 kernels", "measuring 4 kernels, 9 rounds",
                    "measuring 2 kernels, 30 rounds"]  # fmt: skip


def test_of_equal_kernels_an_evenly_spaced_sample_is_measured():
    costs = [(2.0, 3)] * 10 + [(1.0, 4), (3.0, 1)]
    standing = _standing(costs, 6)
    assert standing[:6] == [10, 0, 2, 4, 6, 8]
    assert sorted(standing) == list(range(12))
    assert standing[-1] == 11
    assert _standing(costs, 12) == [10, *range(10), 11]


@pytest.mark.parametrize("by", [by for by in RANKINGS if by != "mca"])
def test_ranking_nothing_gives_nothing(by):
    assert rank([], by) == ()


def test_an_unknown_ranking_and_cpu_are_refused():
    with pytest.raises(InputError, match=r"unknown ranking 'beauty'; use one of length, latency"):
        rank([SORT2], "beauty")
    with pytest.raises(InputError, match="no latency table for CPU 'z80'"):
        rank([SORT2], "latency", cpu="z80")


def many_cells():
    """Return a kernel that sorts two keys and fills 15 registers."""
    first, last, *more = X86_CMOV.registers[:15]
    mov = X86_CMOV.form("mov")
    program = [(mov, (cell, first)) for cell in more]
    program += [
        (i.form, tuple((first, last, more[0])[c] for c in i.operands)) for i in SORT2.instructions
    ]
    return build(X86_CMOV, program, inputs=[first, last], outputs=[first, last])


def test_kernels_that_need_apx_are_not_run_and_that_is_said(capsys, tmp_path):
    kernel, why = many_cells(), "15 cells in registers, but kernels run here without Intel APX"
    with pytest.raises(InputError, match=why):
        bench([("wide", kernel), ("narrow", SORT2)])
    with pytest.raises(InputError, match=why):
        rank([SORT2, kernel], "measured")
    path = tmp_path / "wide.asm"
    path.write_text(print_kernel(kernel))
    assert app.run(["bench", str(path)]) == 2
    told = capsys.readouterr().err.splitlines()
    assert len([line for line in told if "error" in line]) == 1
    assert why in told[-1]


def test_llvm_mca_gets_no_kernel_that_needs_apx(monkeypatch):
    monkeypatch.setattr(mca, "find", lambda: "/nowhere/llvm-mca")
    with pytest.raises(InputError, match="needs Intel APX, which none of the CPUs"):
        rank([many_cells()], "mca")


def test_a_missing_llvm_mca_is_told_with_how_to_get_it(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(InputError, match=r"llvm-mca is not installed; .*apt install llvm"):
        rank([SORT2], "mca")


def fake_mca(folder, monkeypatch, script):
    """Put a shell script called llvm-mca first on the path."""
    tool = folder / "llvm-mca"
    tool.write_text(f"#!/bin/sh\ncat >{folder}/asked\n{script}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def test_llvm_mca_is_asked_for_a_region_a_kernel_and_its_cycles_read(tmp_path, monkeypatch):
    regions = [
        {"Name": "1", "SummaryView": {"TotalCycles": 700, "Iterations": 100}},
        {"Name": "0", "SummaryView": {"TotalCycles": 950, "Iterations": 100}},
    ]
    fake_mca(tmp_path, monkeypatch, f"echo '{json.dumps({'CodeRegions': regions})}'")
    ranked = rank([SORT2, ALPHADEV3], "mca")
    assert [(r.kernel, r.cost) for r in ranked] == [(ALPHADEV3, 7.0), (SORT2, 9.5)]
    asked = (tmp_path / "asked").read_text()
    assert asked.count("LLVM-MCA-BEGIN") == 2
    assert "cmovle" in asked


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo \"'zen99' is not a recognized processor\" >&2", "does not know the CPU zen99"),
        ("echo broken >&2; exit 1", "llvm-mca failed: broken"),
        ("echo '{}'", "cannot read what llvm-mca printed"),
    ],
    ids=["cpu", "failure", "json"],
)
def test_what_goes_wrong_in_llvm_mca_is_told(tmp_path, monkeypatch, script, message):
    fake_mca(tmp_path, monkeypatch, script)
    with pytest.raises(InputError, match=message):
        rank([SORT2], "mca", cpu="zen99")


# The command


def sortopt(capsys, *arguments):
    """Run the command line; return status, stdout, stderr."""
    status = app.run([str(a) for a in arguments])
    return status, *capsys.readouterr()


def quick(*extra):
    return ["--rounds", FEWEST_ROUNDS, "--distributions", "random", *extra]


def test_the_command_prints_tables_and_verdicts(capsys, tmp_path):
    out = [tmp_path / "t.csv", tmp_path / "t.svg"]
    status, text, progress = sortopt(
        capsys, "bench", SORT3, MINMAX, "--against", "network,insertion",
        *quick("--csv", out[0], "--svg", out[1]),
    )  # fmt: skip
    assert status == 0
    for part in ("3 keys (int32)", "standalone, ns a sort", "mergesort, ns a key", "Wilcoxon",
                 "sort3-len9-depth5 x4"):  # fmt: skip
        assert part in text
    assert re.match(
        r"sort3, standalone, random keys:\n  \d+\.\d\d ± \d+\.\d\d times as fast as ", text
    )
    assert "█" in text
    assert all(f"wrote {path}\n" in progress for path in out)
    assert "compiling" in progress
    rows = list(csv.DictReader(out[0].read_text().splitlines()))
    assert {row["setting"] for row in rows} == set(SETTINGS)
    assert all(float(row["low"]) <= float(row["median"]) <= float(row["high"]) for row in rows)
    assert ET.fromstring(out[1].read_text()).tag.endswith("svg")


def test_the_command_prints_one_json_object(capsys):
    status, text, _ = sortopt(capsys, "bench", SORT3, "--json", *quick("--settings", "standalone"))
    record = json.loads(text)
    assert status == 0
    assert record["n"] == 3
    assert record["subjects"] == [
        {"name": "sort3", "kind": "kernel", "length": 11, "isa": "x86-cmov"}
    ]
    assert record["results"][0]["times"]["sort3"]["median"] > 0
    assert record["results"][0]["verdicts"] == []


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ([REFUTED], 2, "is refuted; sortopt verify"),
        ([SORT3, "--timeout", "1e-9"], 3, "could not be proved"),
        ([SORT3, "--against", "bogo"], 2, "unknown rival 'bogo'"),
        ([SORT3, "--svg", "/nowhere/a.svg"], 2, "cannot write /nowhere/a.svg"),
        ([SORT3, "--csv", SORT3], 2, "exists; choose another name, or overwrite it: --force"),
        ([SORT3, "--rounds", "3"], 2, "3 is not in the range"),
        ([], 2, "missing argument"),
    ],
    ids=["refuted", "unknown", "rival", "folder", "exists", "rounds", "no-file"],
)
def test_bad_input_is_one_clear_line(capsys, arguments, status, message):
    got, text, said = sortopt(capsys, "bench", *arguments)
    assert got == status
    assert text == ""
    assert message in said.splitlines()[-1]
    assert "Traceback" not in said
