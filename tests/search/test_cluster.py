"""A search on a cluster is the search of one process, also where a worker is killed."""

import os
import signal
import sys

import engines
import pytest
from engines import contents_of

from sortopt.base.budget import Budget
from sortopt.base.errors import Disagreement, InputError, LimitReached
from sortopt.search.exhaustive import cluster as clusters
from sortopt.search.exhaustive import worker
from sortopt.search.exhaustive.checkpoint import open_checkpoint
from sortopt.search.exhaustive.cluster import check_cluster, opened
from sortopt.search.exhaustive.frontier import Search
from sortopt.search.exhaustive.spill import SpilledPart
from sortopt.search.space.problem import Problem

EASIER = Problem(3, distinct=True, in_place=False)
FOUR = Problem(4, distinct=True, in_place=False)

distributed = pytest.importorskip("distributed", reason="pip install 'sortopt[cluster]'")
pytestmark = pytest.mark.filterwarnings(engines.SILENT_OVERFLOW)


@pytest.fixture(scope="module")
def two():
    with opened("local:2", Budget(threads=2)) as cluster:
        yield cluster


def on(cluster, built, limit, **options):
    budget = options.pop("budget", Budget())
    search = Search(built.universe, built.model, built.database, limit, budget, **options)
    search.elsewhere = cluster.advance
    return search


def states_of(search):
    """Return the states of each level, whatever their sequence."""
    return [
        sorted(p.row(s).tolist() for p in search.parts for s in search.level(p, depth))
        for depth in range(search.depth + 1)
    ]


def go(search, depth):
    while search.depth < depth:
        search.elsewhere(search)
    return search


def kill_one(cluster):
    """Kill a worker that owns some parts, and return its address."""
    address = next(address for address, parts in cluster.owned.items() if parts)
    [process] = cluster.client.run(os.getpid, workers=[address]).values()
    os.kill(process, signal.SIGKILL)
    return address


def test_three_keys_on_two_workers_have_the_states_of_one_process_in_their_sequence(two):
    built = engines.engine(EASIER)
    search, alone = on(two, built, 10), engines.complete(built, 10, depth=0)
    assert search.run() is None
    assert alone.run() is None
    assert len([parts for parts in two.owned.values() if parts]) == 2
    assert contents_of(search) == contents_of(alone)


def test_levels_of_several_turns_have_the_same_states(two, monkeypatch):
    built = engines.engine(FOUR)
    monkeypatch.setattr(clusters, "CHUNK", 8)  # the workers' own is larger: later turns are empty
    search = go(on(two, built, 19), 5)
    assert states_of(search) == states_of(engines.complete(built, 19, depth=5))


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_of_a_level_costs_no_state(two, monkeypatch):
    built = engines.engine(FOUR)
    monkeypatch.setattr(clusters, "CHUNK", 1)
    expected = engines.complete(built, 19, depth=6)
    killed = []

    def kill(progress):
        if progress.level == 5 and not killed:
            killed.append(kill_one(two))

    search = on(two, built, 19, budget=Budget(report=kill, every=0))
    go(search, 6)
    assert killed
    assert killed[0] not in two.owned
    assert search.counts == expected.counts
    assert states_of(search) == states_of(expected)


def test_a_worker_killed_before_it_hands_over_its_rows_costs_no_state(two, monkeypatch):
    built = engines.engine(EASIER)
    search = go(on(two, built, 10), 2)
    wait, killed = distributed.wait, []

    def wait_and_kill(tasks, timeout):
        done = wait(tasks, timeout)
        if not killed:
            killed.append(kill_one(two))
        return done

    monkeypatch.setattr(distributed, "wait", wait_and_kill)
    go(search, 4)
    assert states_of(search) == states_of(engines.complete(built, 10, depth=4))


def test_the_copy_of_a_cluster_goes_to_disk(two, monkeypatch, tmp_path):
    built = engines.engine(EASIER)
    monkeypatch.setattr(Budget, "free", property(lambda budget: 0))
    search = on(two, built, 10, budget=Budget(memory=1 << 60), spill=tmp_path)
    assert search.run() is None
    assert all(isinstance(part, SpilledPart) for part in search.parts)
    assert states_of(search) == states_of(engines.complete(built, 10, depth=search.depth))


def test_workers_lost_again_and_again_end_the_search_with_what_is_known(two, monkeypatch):
    search = go(on(two, engines.engine(EASIER), 10), 3)
    counts = search.counts

    def lose(*_):
        raise worker.Lost

    monkeypatch.setattr(two, "_turn", lose)
    with pytest.raises(LimitReached, match="lost on level 4"):
        two.advance(search)
    assert search.counts == counts


def test_a_search_goes_on_from_a_checkpoint_and_leaves_the_same(two, tmp_path):
    built, files = engines.engine(EASIER), []
    for name, search in (
        ("cluster", on(two, built, 10)),
        ("alone", engines.complete(built, 10, depth=0)),
    ):
        checkpoint = open_checkpoint(str(tmp_path / name), EASIER)
        checkpoint.settle(10)
        search.on_level = checkpoint.save
        search.run()
        files.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
    assert files[0] == files[1]
    again = on(two, built, 10)
    checkpoint = open_checkpoint(str(tmp_path / "cluster"), EASIER)
    checkpoint.levels = checkpoint.levels[:3]
    checkpoint.restore(again)
    assert again.depth == 3
    again.run()
    assert contents_of(again) == contents_of(search)


@pytest.mark.parametrize(("attempt", "turn"), [(1, 0), (1, 2), (2, 1), (0, 1)])
def test_a_turn_that_is_done_twice_or_out_of_sequence_is_refused(attempt, turn):
    built = engines.engine(EASIER)
    share = worker.begin((built.universe, built.model, built.database), 10, None, 1)
    start = engines.complete(built, 10, depth=0)
    worker.own(share, range(8))
    worker.load(share, 0, [(p, part.block(0, part.count)) for p, part in enumerate(start.parts)])
    counts = {p: part.count for p, part in enumerate(start.parts)}
    [rows] = worker.expand(share, 0, 0, counts, [range(8)])
    fresh, _ = worker.merge(share, 1, 0, 0, counts, [rows])
    assert (
        sum(len(level.size) for _, level in fresh) == engines.complete(built, 10, depth=1).counts[1]
    )
    with pytest.raises(worker.Lost):
        worker.merge(share, attempt, 0, turn, counts, [rows])


def test_a_worker_that_began_anew_or_lacks_a_state_is_refused():
    built = engines.engine(EASIER)
    share = worker.begin((built.universe, built.model, built.database), 10, None, 1)
    with pytest.raises(worker.Lost):
        worker.expand(share, 0, 0, {0: 0}, [range(8)])
    worker.own(share, range(8))
    worker.load(share, 0, [(0, engines.complete(built, 10, depth=0).parts[0].block(0, 0))])
    with pytest.raises(worker.Lost):
        worker.expand(share, 0, 0, {0: 1}, [range(8)])


def test_counts_that_differ_are_a_bug_that_is_said(two, monkeypatch):
    search = on(two, engines.engine(EASIER), 10)
    monkeypatch.setattr(clusters, "_keep", lambda *_: None)
    with pytest.raises(Disagreement, match="other states than it sent"):
        two.advance(search)


@pytest.mark.parametrize("answer", ["0" * 64, ModuleNotFoundError("No module named 'sortopt'")])
def test_a_worker_that_runs_something_else_is_refused(two, monkeypatch, answer):
    monkeypatch.setattr(two, "_checked", set())
    monkeypatch.setattr(two.client, "run", lambda *_, **options: {options["workers"][0]: answer})
    with pytest.raises(InputError, match="does not run this version of sortopt"):
        two.check()


@pytest.mark.parametrize("name", ["local", "local:0", "local:9", "tcp:/x", "x:y", ""])
def test_what_is_no_cluster_is_refused(name):
    with pytest.raises(InputError, match="is no cluster") as error:
        check_cluster(name)
    assert "local:2" in error.value.hint


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch):
    monkeypatch.setattr(clusters, "_TIMEOUT", 0.5)
    with pytest.raises(InputError, match="no Dask scheduler answers at tcp:"):
        check_cluster("tcp://127.0.0.1:1")


def test_without_distributed_it_is_said_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match="not installed") as error:
        check_cluster("local:2")
    assert error.value.hint == "pip install 'sortopt[cluster]'"
