"""The fastest of all shortest kernels: what is covered, sampled, verified and said."""

import json
from collections import Counter
from dataclasses import replace
from importlib import import_module
from itertools import islice

import pytest
from kernels_by_hand import ALPHADEV3

from sortopt.base import Budget
from sortopt.base.errors import Disagreement, ExitCode, InputError, LimitReached
from sortopt.cli import app
from sortopt.model import Place, Rung
from sortopt.model.cost import cpu_families, latencies
from sortopt.model.dataflow import dead_instructions, orderings
from sortopt.model.kernel import build
from sortopt.native import mca, rank
from sortopt.networks import best, lower
from sortopt.report import ranking as ranking_report
from sortopt.report import tables
from sortopt.search.beams import anytime
from sortopt.search.exhaustive.replay import kernel_of
from sortopt.search.optima.counting import optima
from sortopt.search.space import problem_of
from sortopt.search.space.problem import Problem
from sortopt.targets import ISAS, X86_CMOV, X86_MINMAX
from sortopt.tasks import candidates, entrants
from sortopt.tasks import fastest as ranking
from sortopt.tasks import find as finding
from sortopt.tasks.enumerate import class_of
from sortopt.tasks.without_search import without_search
from sortopt.verify import verify

ONE = Budget(threads=1)
FEW = ("l", "g")
PATH = latencies()


@pytest.fixture(scope="module")
def three():
    """The answer for three keys, the conditions l and g."""
    return finding.find(Problem(3, conditions=FEW), ONE)


@pytest.fixture(scope="module")
def ranked(three):
    """What the ranking of kernels of three keys by latency says."""
    return ranking.rank_answer(three, "latency", ONE)


@pytest.fixture(scope="module")
def found():
    """All shortest kernels of three keys, the conditions l and g."""
    return optima(Problem(3, conditions=FEW), 11)


def test_paths_are_the_kernels(found):
    universe = found.search.universe
    kernels = [kernel_of(universe, *path, in_order=False) for path in found.paths()]
    assert kernels == list(found.kernels())


@pytest.mark.parametrize(
    "problem", [Problem(3, conditions=FEW), Problem(3, X86_MINMAX), Problem(2, in_place=False)]
)
@pytest.mark.parametrize("longer", [0, 1])
def test_cost_of_a_path_is_the_critical_path_of_its_kernel(problem, longer):
    answer = finding.find(problem, ONE)
    graph = optima(problem, answer.length + longer)
    costs = entrants.PathCosts(graph, latencies("haswell").latency)
    model = latencies("haswell")
    for path in islice(graph.paths(), 0, None, 97):
        kernel = kernel_of(graph.search.universe, *path)
        assert costs.cost(path) == model.critical_path(kernel)
        assert costs.all_used(path) == (not dead_instructions(kernel))


def test_draws_are_uniform_over_all_kernels():
    graph = optima(Problem(2), 4)
    universe = graph.search.universe
    drawn = Counter(kernel_of(universe, *path) for path in islice(graph.draw(7), 3_600))
    assert set(drawn) == {kernel_of(universe, *path) for path in graph.paths()}
    expected = 3_600 / graph.count
    chi_squared = sum((count - expected) ** 2 / expected for count in drawn.values())
    assert chi_squared < 74.9  # 35 degrees of freedom, p = 10^-4


def test_draws_repeat_with_their_seed_and_differ_without(found):
    first = list(islice(found.draw(1), 20))
    assert first == list(islice(found.draw(1), 20))
    assert first != list(islice(found.draw(2), 20))


def test_kernels_one_longer_make_no_detour_and_sort():
    graph = optima(Problem(2, conditions=FEW), 5)
    universe = graph.search.universe
    kernels = {kernel_of(universe, *path) for path in graph.paths()}
    assert len(kernels) == graph.count
    assert {len(kernel) for kernel in kernels} == {5}
    assert {verify(kernel).verdict.name for kernel in kernels} == {"proved"}


def test_ranking_covers_all_shortest_and_all_one_longer(ranked):
    shortest, longer = ranked.covered
    assert (shortest.length, shortest.considered, shortest.sample) == (11, 2_026, False)
    assert (longer.length, longer.considered, longer.sample) == (12, 52_972, False)
    assert (shortest.without_detour, longer.without_detour) == (False, True)
    assert ranked.proved == len(ranked.entries) == ranking.SHOWN
    costs = [entry.cost for entry in ranked.entries]
    assert costs == sorted(costs)
    assert (
        costs[0]
        == min(shortest.least, longer.least)
        == PATH.critical_path(ranked.entries[0].kernel)
    )


def test_no_two_of_a_ranking_are_one_kernel_renamed_or_reordered(three, ranked):
    entries = ranked.entries
    classes = {class_of(entry.kernel, three.problem) for entry in entries}
    assert len(classes) == len(entries)
    best = entries[0]
    renamed = replace(best, kernel=next(iter(orderings(best.kernel, 1, 0)), best.kernel))
    assert list(ranking._distinct([best, renamed], three.problem)) == [best]
    nine = replace(three.problem, n=6)
    assert list(ranking._distinct([best, renamed, entries[1]], nine)) == [best, entries[1]]


def test_kernels_side_by_side_show_what_the_first_lacks(three):
    first = three.kernel
    other = first.with_instructions((first.instructions[-1], *first.instructions))
    (table,) = ranking_report.side_by_side([first, other])
    assert [line.count("*") for line in tables.text(table).splitlines()] == [
        0,
        1,
        *[0] * len(first),
    ]
    assert len(list(ranking_report.side_by_side([first] * 5))) == 2


def test_least_critical_path_is_that_of_all_kernels_listed(ranked, found):
    costs = Counter(PATH.critical_path(kernel) for kernel in found.kernels())
    (shortest, _) = ranked.covered
    assert (shortest.least, shortest.at_least) == (min(costs), costs[min(costs)])


def test_too_many_kernels_are_drawn_and_named_a_sample(three, monkeypatch):
    monkeypatch.setattr(entrants, "MOST_LISTED", 2_000)
    monkeypatch.setattr(entrants, "DRAWN", 300)
    result = ranking.rank_answer(three, "latency", ONE)
    for covered, total in zip(result.covered, (2_026, 52_972), strict=True):
        assert covered.sample
        assert covered.considered <= 300
        assert covered.total == total


@pytest.mark.parametrize("reason", [LimitReached("the time limit is reached"), KeyboardInterrupt()])
@pytest.mark.parametrize("longest", [10, 11])
def test_what_cannot_be_listed_in_time_is_left_out(three, monkeypatch, longest, reason):
    def limited(problem, length, budget):
        if length > longest:
            raise reason
        return optima(problem, length, budget)

    monkeypatch.setattr(import_module("sortopt.search.optima"), "optima", limited)
    told = []
    budget = Budget(threads=1, report=lambda where: told.append(where.doing))
    result = ranking.rank_answer(three, "latency", budget)
    (covered,) = result.covered
    assert (covered.length, covered.sample) == (11, longest == 10)
    why = "interrupted" if isinstance(reason, KeyboardInterrupt) else "the time limit is reached"
    assert f"kernels of {longest + 1} instructions are not listed: {why}" in told
    assert result.proved == len(result.entries)


def test_measured_ranking_ends_with_kernels_of_the_last_stage():
    answer = finding.find(Problem(2), ONE)
    result = ranking.rank_answer(answer, "measured", ONE)
    assert len({entry.rounds for entry in result.entries}) == 1
    assert {entry.unit for entry in result.entries} == {"ns"}
    tied = [entry.tied for entry in result.entries]
    assert tied == sorted(tied, reverse=True)
    lengths = [len(entry.kernel) for entry in result.entries if entry.tied]
    assert lengths == sorted(lengths)
    assert result.proved == len(result.entries)


def test_the_fastest_is_one_of_the_kernels_in_some_order():
    origin = {}
    kernels = [lower(best(3)), ALPHADEV3, *candidates.buffered(ALPHADEV3)]
    measured = ranking.measured(kernels, 0, ONE, orders=5, origin=origin)
    assert {*origin.values()} <= {*kernels}
    assert {*kernels} <= {entry.kernel for entry in measured} <= {*origin}
    assert all(verify(entry.kernel).verdict.name == "proved" for entry in measured)


def test_keys_in_a_buffer_are_read_there_where_that_saves_a_load():
    loaded, kernel = candidates.buffered(lower(best(4)))
    assert (len(loaded), len(kernel), kernel.memory_moves) == (28, 26, 8)
    assert ranking.size(lower(best(4))) == ranking.size(loaded) == ranking.size(kernel) + 2
    assert verify(kernel).verdict.name == "proved"
    assert {"eax", "[rdi]", "[rdi+12]"} <= {cell.name for cell in kernel.cells}
    assert len([*candidates.buffered(lower(best(2), ISAS["aarch64"]))]) == 1


def test_entrants_are_short_kernels_best_networks_and_both_in_a_buffer():
    known = candidates.entrants(3, X86_CMOV, [ALPHADEV3, lower(best(3)).keeping(Rung.SAFE)])
    assert [known[k] for k in known].count(ALPHADEV3) == 3
    assert {len(k) for k in known if k.memory_moves} == {16, 17, 18}
    inside = [c.kernel for c in candidates.of_buffer(3, X86_CMOV)]
    assert sorted(map(len, inside)) == [15, 15, 17, 18]
    with_these = candidates.entrants(3, X86_CMOV, [*inside, ALPHADEV3])
    assert {k: with_these[k] for k in inside} == {k: k for k in inside}
    assert not any(k.memory_moves for k in candidates.entrants(3, X86_MINMAX, []))


@pytest.mark.parametrize("by", ["measured", "latency"])
def test_kernels_of_a_buffer_are_ranked_with_those_that_come_with_sortopt(by):
    problem = problem_of(3, in_memory=True, registers=4)
    answer = finding.Answer(problem, without_search(problem), 0, 0, 0.0)
    result = ranking.rank_answer(answer, by, ONE)
    assert all(covered.sample for covered in result.covered)
    assert {15, 17, 18} <= {covered.length for covered in result.covered}
    assert result.proved == len(result.entries)
    for entry in result.entries:
        assert len(entry.kernel.scratch) <= 4
        assert entry.kernel.contract.inputs == entry.kernel.contract.outputs
        assert all(entry.kernel.cells[c].place is Place.MEMORY for c in (0, 1, 2))


def test_what_is_in_memory_and_asks_for_more_is_ranked_alone():
    problem = problem_of(2, in_memory=True, assume="a<=b")
    kernel = without_search(problem_of(2, in_memory=True))
    result = ranking.rank_answer(finding.Answer(problem, kernel, 0, 0, 0.0), "latency", ONE)
    assert [entry.kernel for entry in result.entries] == [kernel]
    with pytest.raises(InputError, match="read whole vectors from memory"):
        ranking.check("measured", None, X86_MINMAX, in_memory=True)


def test_ranking_of_min_and_max_kernels():
    answer = finding.find(Problem(3, X86_MINMAX), ONE)
    result = ranking.rank_answer(answer, "latency", ONE)
    assert result.entries[0].cost == 3
    assert result.covered[0].considered == 302


def test_ranking_of_many_keys_is_a_sample_of_what_beams_find(monkeypatch):
    monkeypatch.setattr(entrants, "_SEEDS", 2)
    found = anytime.by_comparators(5, 40, width=20)
    answer = finding.Answer(Problem(5), found, 10, 0, 0.0, anytime=True)
    result = ranking.rank_answer(answer, "latency", Budget(6000, threads=1), beam=20)
    assert all(covered.sample and covered.total is None for covered in result.covered)
    assert all(len(entry.kernel) <= answer.length + 1 for entry in result.entries)
    assert result.proved == len(result.entries)
    assert result.entries[0].cost <= PATH.critical_path(answer.kernel)


def test_refuted_kernel_is_never_shown():
    wrong = build(
        Problem(2).isa,
        [(Problem(2).isa.form("mov"), ("eax", "ecx"))],
        inputs=["eax", "ecx"],
        outputs=["eax", "ecx"],
    )
    with pytest.raises(Disagreement, match="to be ranked fails on"):
        ranking._prove(rank([wrong], "latency"))


def test_missing_llvm_mca_is_told_before_the_search(monkeypatch):
    monkeypatch.setattr(mca.shutil, "which", lambda name: None)
    with pytest.raises(InputError, match="llvm-mca is not installed"):
        ranking.check("mca", None, X86_CMOV)


@pytest.mark.parametrize(
    ("by", "cpu", "isa", "message"),
    [
        ("measured", "zen3", "x86-cmov", "a measurement is of the CPU at hand"),
        ("latency", "zen0", "x86-cmov", "no latency table"),
        ("latency", "zen3", "riscv", "zen3 does not run riscv kernels"),
        ("speed", None, "x86-cmov", "unknown ranking"),
    ],
)
def test_ranking_that_is_not_possible_is_refused(by, cpu, isa, message):
    with pytest.raises(InputError, match=message):
        ranking.check(by, cpu, ISAS[isa])


def test_kernels_of_another_machine_are_not_timed(monkeypatch):
    monkeypatch.setattr(ranking, "is_native", lambda machine: False)
    with pytest.raises(InputError, match="riscv kernels are not timed here"):
        ranking.check("measured", None, ISAS["riscv"])


def run(capsys, *arguments):
    status = app.run(["search", "--threads", "1", *arguments])
    out, err = capsys.readouterr()
    return status, out, err


def test_command_prints_the_fastest_and_what_it_covers(capsys):
    status, out, err = run(capsys, "--n", "2", "--conditions", "l,g", "--rank", "latency")
    assert status == ExitCode.DONE
    assert out.startswith("; sort2, 4 instructions\n")
    assert "\n4 instructions, and no shorter kernel exists\n" in err
    assert "all 8 kernels of 4 instructions; " in err
    assert "all 106 kernels of 5 instructions of which no beginning can be replaced" in err
    assert "ranked by critical path (zen3)" in err


def test_command_says_sample_where_it_is_one(capsys, monkeypatch):
    monkeypatch.setattr(entrants, "MOST_LISTED", 10)
    monkeypatch.setattr(entrants, "DRAWN", 5)
    _, _, err = run(capsys, "--n", "2", "--rank", "latency")
    assert "a random sample: 5 of the 36 kernels of 4 instructions" in err


@pytest.mark.parametrize("cpu", cpu_families("x86-64"))
def test_json_of_a_ranking(capsys, cpu):
    status, out, _ = run(capsys, "--n", "2", "--rank", "latency", "--cpu", cpu, "--json")
    record = json.loads(out)
    assert status == ExitCode.DONE
    assert (record["length"], record["ranking"]["cpu"]) == (4, cpu)
    assert [covered["length"] for covered in record["ranking"]["covered"]] == [4, 5]
    best, *others = record["ranking"]["entries"]
    assert best["tied"]
    assert best["proved"]
    assert all(best["cost"] <= other["cost"] for other in others)


def test_json_without_a_ranking_has_no_such_key(capsys):
    _, out, _ = run(capsys, "--n", "2", "--json")
    assert "ranking" not in json.loads(out)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--cpu", "zen3"], "--cpu says what --rank is for"),
        (["--rank", "measured", "--cpu", "zen3"], "a measurement is of the CPU at hand"),
        (["--rank", "latency", "--cpu", "z80"], "no latency table for CPU 'z80'"),
        (["--rank", "beauty"], "beauty"),
        (["--rank", "latency", "--in-memory", "--isa", "aarch64", "--pairs"], "--pairs"),
        (["--rank", "mca", "--in-memory", "--isa", "x86-minmax"], "read whole vectors"),
    ],
)
def test_bad_options_are_one_clear_line(capsys, arguments, message):
    status, out, err = run(capsys, "--n", "2", *arguments)
    assert status == ExitCode.BAD_INPUT
    assert out == ""
    assert message in err
    assert "Traceback" not in err


def test_nothing_to_rank_is_said_as_without_rank(capsys):
    status, _, err = run(capsys, "--n", "3", "--max-length", "8", "--rank", "latency")
    assert status == ExitCode.REFUTED
    assert err.startswith("no kernel of at most 8 instructions exists\n")
    with pytest.raises(InputError, match="no kernel to rank"):
        ranking.rank_answer(finding.find(Problem(2), ONE, max_length=2), "latency", ONE)
