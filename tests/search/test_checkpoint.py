"""Checkpoints: a proof that is stopped anywhere goes on and ends as if it had not been.

And a folder from a stranger can neither break the search nor reach beyond itself.
"""

import hashlib
import json
import os

import engines
import numpy as np
import pytest
from engines import each_round

from sortopt.base.errors import InputError, LimitReached
from sortopt.search.exhaustive.checkpoint import FORMAT, open_checkpoint
from sortopt.search.exhaustive.deepening import shortest
from sortopt.search.exhaustive.frontier import PARTS
from sortopt.search.space.problem import Problem
from sortopt.targets import X86_MINMAX

PROBLEM = Problem(3)
EASIER = Problem(3, distinct=True, in_place=False)
"""What is searched first for a proof about PROBLEM."""


def stop_after(rounds, error):
    """Return a budget that ends the search at its `rounds`-th round."""
    left = iter(range(rounds))

    def react(told):
        if next(left, None) is None:
            raise error

    return each_round(react)


@pytest.mark.parametrize("rounds", range(0, 24, 3))
@pytest.mark.parametrize("error", [LimitReached("time is up"), KeyboardInterrupt()])
def test_stopped_proof_goes_on_to_the_same_answer(tmp_path, rounds, error):
    folder = str(tmp_path / "proof")
    whole = shortest(PROBLEM)
    first = shortest(PROBLEM, stop_after(rounds, error), checkpoint=folder)
    assert first.stopped
    assert first.lower_bound <= 11
    again = shortest(PROBLEM, checkpoint=folder)
    assert again.stopped is None
    assert (again.lower_bound, again.kernel) == (whole.lower_bound, whole.kernel)


def saved(folder, limit=10):
    """Return a search under `limit` whose levels have been saved in `folder`."""
    checkpoint = open_checkpoint(str(folder), EASIER)
    checkpoint.settle(limit)
    search = fresh(limit)
    search.on_level = checkpoint.save
    search.run()
    assert len(checkpoint.levels) > 4
    return search


def fresh(limit=10):
    return engines.complete(engines.engine(EASIER), limit, depth=0)


def restored(folder, limit=10):
    search = fresh(limit)
    open_checkpoint(str(folder), EASIER).restore(search)
    return search


def test_restored_search_is_the_search_that_was_saved(tmp_path):
    whole = saved(tmp_path)
    again = restored(tmp_path)
    assert again.counts == whole.counts[: len(again.counts)]
    again.run()
    assert engines.contents_of(again) == engines.contents_of(whole)


def test_bound_never_falls_from_run_to_run(tmp_path):
    folder, bounds = str(tmp_path / "proof"), []
    for _ in range(30):
        budget = stop_after(3, LimitReached("time is up"))
        bounds.append(shortest(PROBLEM, budget, checkpoint=folder).lower_bound)
    assert bounds == sorted(bounds)
    assert bounds[-1] > bounds[0]


def test_what_is_taken_over_from_a_checkpoint_is_named(tmp_path):
    folder = str(tmp_path / "proof")
    assert shortest(PROBLEM).taken_over is None
    assert shortest(PROBLEM, checkpoint=folder).taken_over is None
    assert shortest(PROBLEM, checkpoint=folder).taken_over == folder


def stopped(folder):
    shortest(PROBLEM, stop_after(9, LimitReached("time is up")), checkpoint=str(folder))
    checkpoint = open_checkpoint(str(folder), PROBLEM)
    assert checkpoint.levels
    return checkpoint


def refused(folder, match, problem=PROBLEM):
    """Go on from a checkpoint that must be refused, in one line."""
    with pytest.raises(InputError, match=match) as error:
        shortest(problem, checkpoint=str(folder))
    assert "\n" not in error.value.render()


def forge(folder, **changes):
    """Change what the index says, its digest made to fit."""
    index = folder / "checkpoint.json"
    record = json.loads(json.loads(index.read_text())["body"]) | changes
    text = json.dumps(record)
    digest = hashlib.sha256(text.encode()).hexdigest()
    index.write_text(json.dumps({"digest": digest, "body": text}))
    return record


def forge_level(folder, depth, data):
    """Put other contents into the file of a level, its digest made to fit."""
    record = forge(folder)
    (folder / f"limit-{record['lower']}-level-{depth}.states").write_bytes(data)
    levels = record["levels"]
    levels[depth - 1] = hashlib.sha256(data).hexdigest()
    forge(folder, levels=levels)


def level_files(folder):
    return sorted(folder.glob("limit-*"))


def test_damaged_level_is_refused(tmp_path):
    stopped(tmp_path)
    last = level_files(tmp_path)[-1]
    data = bytearray(last.read_bytes())
    data[len(data) // 2] ^= 1
    last.write_bytes(data)
    refused(tmp_path, "damaged: its contents do not match")


def test_missing_level_is_refused(tmp_path):
    stopped(tmp_path)
    level_files(tmp_path)[-1].unlink()
    refused(tmp_path, "damaged: it is no plain file")


DEEP = "[" * 30_000
TEXTS = {
    "empty": "",
    "no JSON": "{",
    "an object": "{}",
    "a list": "[]",
    "a number": "3",
    "nested": DEEP,
    "no digest": json.dumps({"body": "{}"}),
    "another digest": json.dumps({"body": "{}", "digest": "0"}),
    "a body that is no text": json.dumps({"body": 5, "digest": "0"}),
    "a body that is a list": json.dumps(
        {"body": "[]", "digest": hashlib.sha256(b"[]").hexdigest()}
    ),
    "a nested body": json.dumps(
        {"body": DEEP, "digest": hashlib.sha256(DEEP.encode()).hexdigest()}
    ),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_damaged_index_is_refused(tmp_path, text):
    stopped(tmp_path)
    (tmp_path / "checkpoint.json").write_text(text)
    refused(tmp_path, "damaged")


def test_index_that_is_no_text_is_refused(tmp_path):
    stopped(tmp_path)
    (tmp_path / "checkpoint.json").write_bytes(b"\xff\x00" * 100)
    refused(tmp_path, "damaged")


DIGEST = "0" * 64
VALUES = {
    "a negative bound": {"lower": -1},
    "a bound beyond all kernels": {"lower": 256},
    "a huge bound": {"lower": 10**1000},
    "an infinite bound": {"lower": float("inf")},
    "a bound that is no number": {"lower": float("nan")},
    "a bound as text": {"lower": "11"},
    "a bound that is a truth value": {"lower": True},
    "no bound": {"lower": None},
    "levels that are no list": {"levels": 3},
    "levels that are no digests": {"levels": [3]},
    "names in place of digests": {"levels": [["../secret", DIGEST]]},
    "paths in place of digests": {"levels": ["/etc/passwd"]},
    "more levels than the bound": {"lower": 3, "levels": [DIGEST] * 4},
    "levels that are not there": {"lower": 9, "levels": [DIGEST] * 9},
}


@pytest.mark.parametrize("changes", VALUES.values(), ids=VALUES)
def test_index_with_values_out_of_range_is_refused(tmp_path, changes):
    stopped(tmp_path)
    forge(tmp_path, **changes)
    refused(tmp_path, "damaged")


@pytest.mark.parametrize("changes", [{"format": "sortopt checkpoint 1"}, {"parts": PARTS + 1}])
def test_checkpoint_of_another_version_is_refused(tmp_path, changes):
    assert FORMAT != "sortopt checkpoint 1"
    stopped(tmp_path)
    forge(tmp_path, **changes)
    refused(tmp_path, "another version")


def test_checkpoint_of_another_problem_is_refused(tmp_path):
    stopped(tmp_path)
    refused(tmp_path, "another problem", Problem(3, isa=X86_MINMAX))
    for problem in (None, 3, [], {"n": float("inf")}):
        forge(tmp_path, problem=problem)
        refused(tmp_path, "another problem")


def test_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    refused(tmp_path, "no checkpoint folder")
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_folder_that_is_none_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "in", "nul\0byte"):
        refused(folder, "cannot use")


def test_no_other_file_is_read_written_or_removed(tmp_path):
    """Neither those beside the checkpoint's own, nor those that its own names lead to."""
    folder, outside = tmp_path / "proof", tmp_path / "outside"
    outside.write_text("years of work")
    stopped(folder)
    (folder / "thesis.txt").write_text("more of it")
    (folder / "limit-3-level-1.txt").write_text("and more")
    shortest(PROBLEM, checkpoint=str(folder))
    assert (folder / "thesis.txt").read_text() == "more of it"
    assert (folder / "limit-3-level-1.txt").read_text() == "and more"
    names = [path.name for path in level_files(folder) if path.suffix == ".states"]
    for name in (*names, "checkpoint.json"):
        kept = (folder / name).read_bytes()
        (folder / name).unlink()
        (folder / name).symlink_to(outside)
        refused(folder, "damaged: it is no plain file")
        (folder / name).unlink()
        (folder / name).write_bytes(kept)
    assert outside.read_text() == "years of work"


def test_a_link_in_the_way_of_a_level_is_refused(tmp_path):
    folder, outside = tmp_path / "proof", tmp_path / "outside"
    outside.write_text("years of work")
    lower = stopped(folder).lower
    forge(folder, levels=[])
    for path in level_files(folder):
        path.unlink()
    (folder / f"limit-{lower}-level-1.states").symlink_to(outside)
    refused(folder, "damaged: it is no plain file")
    assert outside.read_text() == "years of work"


def test_what_is_no_file_is_refused_without_waiting_for_it(tmp_path):
    stopped(tmp_path)
    path = level_files(tmp_path)[0]
    path.unlink()
    os.mkfifo(path)
    refused(tmp_path, "damaged: it is no plain file")
    path.unlink()
    path.mkdir()
    refused(tmp_path, "damaged: it is no plain file")


def test_levels_of_settled_limits_are_removed(tmp_path):
    shortest(PROBLEM, checkpoint=str(tmp_path))
    checkpoint = open_checkpoint(str(tmp_path), PROBLEM)
    wanted = [f"limit-11-level-{d}.states" for d in range(1, len(checkpoint.levels) + 1)]
    assert checkpoint.lower == 11
    assert {path.name for path in tmp_path.iterdir()} == {"checkpoint.json", *wanted}


@pytest.fixture
def level(tmp_path):
    """The bytes of the second level of a search, and where its arrays stand."""
    saved(tmp_path)
    data = (tmp_path / "limit-10-level-2.states").read_bytes()
    counts = np.frombuffer(data, "<i8", 2 * PARTS)
    first = next(p for p in range(PARTS) if counts[2 * p] > 0)
    size = 16 * PARTS + sum(18 * counts[2 * p] + 2 * counts[2 * p + 1] for p in range(first))
    states = int(counts[2 * first])
    pool = size + 18 * states
    last = pool + 2 * int.from_bytes(data[size : size + 2], "little") - 2
    places = {"count": 16 * first, "size": size, "parent": size + 10 * states}
    return data, places | {"pool": pool, "second": pool + 2, "last": last}, tmp_path


@pytest.mark.parametrize("cut", [0, 1, 16 * PARTS - 1, 16 * PARTS, -1])
def test_level_cut_short_is_refused_though_its_digest_fits(level, cut):
    data, _, folder = level
    forge_level(folder, 2, data[:cut])
    with pytest.raises(InputError, match="more or fewer states"):
        restored(folder)


FORGED = [
    ("count", "<i8", -1),
    ("count", "<i8", 1 << 62),
    ("count", "<i8", 0),
    ("size", "<u2", 0),
    ("size", "<u2", 7),
    ("size", "<u2", 65535),
    ("parent", "<i8", -1),
    ("parent", "<i8", 1 << 40),
    ("parent", "<i8", -(1 << 63)),
    ("pool", "<u2", 65535),
    ("last", "<u2", engines.group(EASIER)[0].size),
    ("second", "<u2", 0),
]


@pytest.mark.parametrize(("what", "kind", "value"), FORGED)
def test_level_with_values_out_of_range_is_refused_though_its_digest_fits(level, what, kind, value):
    data, places, folder = level
    struck, number = bytearray(data), np.array([value], kind).tobytes()
    struck[places[what] : places[what] + len(number)] = number
    forge_level(folder, 2, bytes(struck))
    with pytest.raises(InputError, match=r"damaged: it has"):
        restored(folder)


@pytest.mark.parametrize("seed", range(20))
def test_level_with_any_byte_changed_is_refused_or_can_be_searched(level, seed):
    """A digest that fits is no proof: but no index leaves its array, and all lead to the start."""
    data, _, folder = level
    struck, random = bytearray(data), np.random.default_rng(seed)
    for _ in range(5):
        struck[random.integers(len(struck))] = random.integers(256)
    forge_level(folder, 2, bytes(struck))
    try:
        search = restored(folder)
    except InputError:
        return
    search.run()
    for p, part in enumerate(search.parts):
        for number in range(part.count):
            assert len(list(search.chain(p, number))) <= search.depth + 1
