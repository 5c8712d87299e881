"""`sortopt certify`: what it prints, its exit status, and no file that breaks it."""

import json
import re
from pathlib import Path

import pytest
from certificates import SORT2, SORT3, listing, made, without

from sortopt.base import InputError
from sortopt.certificate import file
from sortopt.cli import app
from sortopt.model import parse_precondition
from sortopt.search.bounds import Composed
from sortopt.search.space import Problem
from sortopt.tasks import Answer, certificates


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "c")


def run(capsys, *arguments):
    status = app.run(["certify", *arguments])
    return (status, *capsys.readouterr())


def test_a_certificate_that_search_writes_is_certified(path, capsys):
    assert app.run(["search", "--n", "3", "--certificate", path]) == 0
    assert "no kernel of 10 or fewer instructions" in capsys.readouterr().err
    status, out, _ = run(capsys, path)
    assert status == 0
    assert out.startswith("certified: no kernel of 10 or fewer instructions exists (goal sort, 3")
    assert "anything may be compared or tested" in out
    assert out.endswith(f"checked {made(SORT3).states} states\n")


def test_a_certificate_whose_claim_does_not_follow_is_rejected_as_bad_input(path, capsys):
    file.write(path, listing(SORT2, 4))
    status, out, _ = run(capsys, path)
    assert status == 2
    assert out.startswith("rejected: state ")
    assert "the claim was: no kernel of 4 or fewer instructions exists" in out


def test_json_says_whether_a_certificate_is_valid(path, capsys):
    file.write(path, made(SORT3))
    status, out, _ = run(capsys, path, "--json")
    record = json.loads(out)
    assert status == 0
    assert (record["valid"], record["fault"], record["n"]) == (True, None, 3)
    assert (record["lower_bound"], record["states"]) == (11, made(SORT3).states)
    file.write(path, without(made(SORT3), {5}), force=True)
    status, out, _ = run(capsys, path, "--json")
    assert status == 2
    assert json.loads(out)["valid"] is False


def test_what_is_no_certificate_ends_in_one_line(path, capsys):
    with open(path, "wb") as target:
        target.write(file.MAGIC + b"x" * 1000)
    status, out, err = run(capsys, path)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert "is damaged" in err


@pytest.mark.parametrize("limit", [["--time-limit", "1e-9"], ["--memory-limit", "0.001"]])
def test_a_limit_that_does_not_suffice_leaves_it_unknown(path, capsys, limit):
    file.write(path, made(SORT3))
    status, out, err = run(capsys, path, *limit)
    assert (status, out) == (3, "")
    assert "limit" in err
    assert "is reached" in err


@pytest.mark.parametrize("limit", ["--time-limit", "--memory-limit"])
@pytest.mark.parametrize("value", ["nan", "inf", "0", "-1"])
def test_a_limit_that_is_none_is_refused(path, capsys, limit, value):
    assert run(capsys, path, limit, value)[0] == 2


def test_the_certificate_of_a_composed_bound_is_certified(path, capsys):
    answer = Answer(Problem(3), None, 11, 0, 0.0, composed=Composed(3, 8))
    written = certificates.write(answer, path)
    status, out, _ = run(capsys, path)
    assert status == 0
    assert out.startswith(f"certified: {written}\nchecked ")
    assert written.startswith("no kernel of 10 or fewer instructions exists: it has at least 3 com")


def test_what_both_counts_prove_beyond_a_sum_is_left_out_of_the_certificate(path):
    answer = Answer(Problem(5), None, 14, 0, 0.0, restricted=False, composed=Composed(7, 6))
    written = certificates.write(answer, path)
    assert written.startswith("no kernel of 12 or fewer instructions exists: it has at least 7 com")


def test_the_certificate_of_a_length_below_a_composed_bound_lists_states(path, capsys):
    answer = Answer(Problem(3), None, 11, 0, 0.0, restricted=False, composed=Composed(3, 8))
    for length in (8, 10):
        written = certificates.write(answer, path, max_length=length, force=True)
        status, out, _ = run(capsys, path)
        assert status == 0
        assert re.search(r"checked \d+ states", out)
        assert written.startswith(f"no kernel of {length} or fewer instructions exists (goal sort")
        assert "undefined cells and flags are never compared" in written
    written = certificates.write(answer, path, max_length=11, force=True)
    assert "it has at least 3 comparisons" in written


def test_a_certificate_that_could_not_be_checked_is_refused_before_the_search(path, capsys):
    assert app.run(["search", "--n", "6", "--certificate", path]) == 2
    assert "a certificate can be checked up to" in capsys.readouterr().err


def test_no_certificate_is_written_that_would_be_refused(path):
    assumed = Problem(3, assume=parse_precondition("a<b"))
    answer = Answer(assumed, None, 7, 0, 0.0, composed=Composed(2, 5))
    with pytest.raises(InputError, match="not every order of distinct keys comes in"):
        certificates.write(answer, path)
    assert not Path(path).exists()
