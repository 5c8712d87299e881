"""scripts/bench_payload.py: what it times does sort, pairs included, or it fails."""

from subprocess import CalledProcessError

import bench_payload
import pytest
from compiled import compiler


@pytest.mark.skipif(compiler("g++") is None, reason="no C++ compiler on this machine")
def test_every_contender_sorts_and_has_a_figure():
    found = list(bench_payload.figures(2, rounds=3, seed=1))
    _, calls = bench_payload.contenders(2)
    assert [f["name"] for f in found] == list(calls)
    assert found[0]["ratio"] == 1
    assert all(f["median"] > 0 and f["n"] == 2 for f in found)


@pytest.mark.skipif(compiler("g++") is None, reason="no C++ compiler on this machine")
def test_a_contender_that_loses_a_payload_is_an_error(monkeypatch):
    text, calls = bench_payload.contenders(2)
    wrong = calls | {"ours": "records[g][0] = records[g][1]"}
    monkeypatch.setattr(bench_payload, "contenders", lambda n: (text, wrong))
    with pytest.raises(CalledProcessError):
        list(bench_payload.figures(2, rounds=1, seed=1))
