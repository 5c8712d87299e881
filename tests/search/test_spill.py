"""States on disk: a search that spills is the search in memory, state by state.

And whatever happens to the disk ends in one line, not in a wrong answer.
"""

import errno
import os

import engines
import pytest
from engines import SMALL, contents_of, each_round

from sortopt.base.budget import UNLIMITED, Budget
from sortopt.base.errors import InputError, LimitReached
from sortopt.search.exhaustive import parts, spill
from sortopt.search.exhaustive.checkpoint import open_checkpoint
from sortopt.search.exhaustive.deepening import shortest
from sortopt.search.exhaustive.frontier import Search
from sortopt.search.exhaustive.spill import SpilledPart, check_folder
from sortopt.search.space.problem import Problem

pytestmark = pytest.mark.filterwarnings(engines.SILENT_OVERFLOW)

EASIER = Problem(3, distinct=True, in_place=False)
PLENTY = 1 << 60


@pytest.fixture
def little(monkeypatch):
    """Nothing is left of the memory allowed, and a chunk holds few states."""
    monkeypatch.setattr(Budget, "free", property(lambda budget: 0))
    monkeypatch.setattr(parts, "CHUNK", 7)
    monkeypatch.setattr(spill, "CHUNK", 7)
    monkeypatch.setattr(spill, "_LEAST_ROOM", 2_000)


def spilling(built, limit, folder, budget=None):
    budget = budget or Budget(memory=PLENTY, threads=1)
    return Search(built.universe, built.model, built.database, limit, budget, spill=folder)


def held(search):
    """Return what a search holds, as `contents_of`, and its levels."""
    return [
        (
            part.levels,
            [part.row(s).tolist() for s in range(part.count)],
            [part.parent(s) for s in range(part.count)],
            [h for d in range(len(part.levels)) for b in part.blocks(d) for h in b.hash.tolist()],
        )
        for part in search.parts
    ]


@pytest.mark.jit_off
@pytest.mark.parametrize("name", ["in place", "anywhere", "min and max", "in memory"])
def test_a_search_on_disk_keeps_the_states_of_one_in_memory_in_their_sequence(
    name, little, tmp_path
):
    built = engines.unbounded(SMALL[name])
    search = spilling(built, 5, tmp_path)
    while search.depth < 5:
        search.advance()
    assert all(isinstance(part, SpilledPart) for part in search.parts)
    assert held(search) == contents_of(engines.complete(built, 5))
    assert search.goal() == engines.complete(built, 5).goal()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("problem", [EASIER, Problem(3)])
def test_three_keys_on_disk_have_the_states_of_memory(problem, little, tmp_path):
    built = engines.engine(problem)
    search = spilling(built, 10, tmp_path)
    assert search.run() is None
    assert held(search) == contents_of(engines.complete(built, 10, depth=search.depth))


def test_a_search_goes_to_disk_in_the_middle_of_a_level_and_loses_nothing(monkeypatch, tmp_path):
    """Four keys, where memory ends after a part of level 6."""
    for module in (parts, spill):
        monkeypatch.setattr(module, "CHUNK", 8)
    built = engines.engine(Problem(4, distinct=True, in_place=False))
    expected = engines.complete(built, 19, depth=7)
    monkeypatch.setattr(Budget, "free", property(lambda budget: PLENTY))
    search = spilling(built, 19, tmp_path)
    while search.depth < 5:
        search.advance()
    assert not isinstance(search.parts[0], SpilledPart)
    left = [PLENTY] * 3
    monkeypatch.setattr(Budget, "free", property(lambda budget: left.pop() if left else 0))
    while search.depth < 7:
        search.advance()
    assert isinstance(search.parts[0], SpilledPart)
    assert search.counts == expected.counts
    assert held(search) == contents_of(expected)


def test_the_whole_answer_is_that_of_memory(little, tmp_path):
    expected = shortest(Problem(3))
    found = shortest(Problem(3), Budget(memory=PLENTY), spill=str(tmp_path))
    assert (found.kernel, found.lower_bound) == (expected.kernel, expected.lower_bound)
    assert (found.states, found.levels) == (expected.states, expected.levels)


@pytest.mark.jit_off
def test_beams_on_disk_keep_the_states_of_beams_in_memory(little, tmp_path):
    built = engines.unbounded(SMALL["in place"])
    search, expected = spilling(built, 6, tmp_path), engines.complete(built, 6, depth=4)
    while search.depth < 4:
        search.advance()
    assert search.keep_best(10)
    assert expected.keep_best(10)
    search.advance()
    expected.advance()
    assert held(search) == contents_of(expected)


@pytest.mark.jit_off
def test_an_interrupted_level_on_disk_is_forgotten_and_can_be_done_again(little, tmp_path):
    built = engines.engine(SMALL["in place"])

    def stop(told):
        if told.level == 3:
            raise KeyboardInterrupt

    budget = each_round(stop)
    budget.memory = PLENTY
    search = spilling(built, 4, tmp_path, budget)
    with pytest.raises(KeyboardInterrupt):
        search.run()
    assert search.depth == 2
    search.budget = UNLIMITED
    search.advance()
    search.advance()
    assert held(search) == contents_of(engines.complete(built, 4))


def test_a_checkpoint_of_a_search_on_disk_is_that_of_one_in_memory(little, tmp_path):
    built = engines.engine(EASIER)
    files = []
    for name, search in (
        ("disk", spilling(built, 10, tmp_path)),
        ("memory", engines.complete(built, 10, depth=0)),
    ):
        checkpoint = open_checkpoint(str(tmp_path / name), EASIER)
        checkpoint.settle(10)
        search.on_level = checkpoint.save
        search.run()
        files.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
    assert files[0] == files[1]
    again = spilling(built, 10, tmp_path)
    open_checkpoint(str(tmp_path / "disk"), EASIER).restore(again)
    assert isinstance(again.parts[0], SpilledPart)
    again.run()
    assert held(again) == held(search)


@pytest.fixture
def spilled(little, tmp_path):
    """A search of two keys on disk, two levels deep."""
    search = spilling(engines.unbounded(SMALL["in place"]), 6, tmp_path)
    while search.depth < 2:
        search.advance()
    return search


def file_of(part):
    return part._kept._number


@pytest.mark.jit_off
def test_what_reads_differently_than_it_was_written_is_refused(spilled):
    part = next(part for part in spilled.parts if part.count)
    byte = os.pread(file_of(part), 1, 20)
    os.pwrite(file_of(part), bytes([byte[0] ^ 1]), 20)
    with pytest.raises(InputError, match="reads differently now") as error:
        spilled.advance()
    assert "\n" not in error.value.render()


@pytest.mark.jit_off
def test_a_file_cut_short_is_refused(spilled):
    for part in spilled.parts:
        os.truncate(file_of(part), 5)
    with pytest.raises(InputError, match="reads differently now"):
        spilled.advance()


@pytest.mark.jit_off
def test_a_full_disk_ends_the_search_with_what_is_known(spilled, monkeypatch):
    counts = spilled.counts

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        with pytest.raises(LimitReached, match="No space left on device"):
            spilled.advance()
    assert spilled.counts == counts
    spilled.advance()
    assert spilled.counts == engines.complete(engines.unbounded(SMALL["in place"]), 3).counts


@pytest.mark.parametrize("name", ["missing", "file", "nul\0byte"])
def test_a_folder_that_cannot_be_used_is_refused(tmp_path, name):
    (tmp_path / "file").write_text("years of work")
    with pytest.raises(InputError, match="cannot spill to"):
        check_folder(str(tmp_path / name))
