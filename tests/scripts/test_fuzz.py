"""A small share of what `scripts/fuzz.py` tries; and the tries find what they are there to find."""

import time
from random import Random

import fuzz
import native_mutants
import pytest
import simulator

from sortopt.model import Proved

SHARE = {"texts": 40, "networks": 100, "certificates": 6, "checkpoints": 4, "kernels": 60,
         "objects": 40, "native": 20, "statements": 12, "emulated": 12}  # fmt: skip


@pytest.mark.parametrize("name", fuzz.kinds())
def test_no_try_fails(name):
    kind = fuzz.kinds()[name]
    figure = fuzz.attempt(name, kind, 10**6, SHARE[name], time.perf_counter() + 10**6)
    assert (figure["tries"], figure["failures"]) == (SHARE[name], 0)


def test_the_simulator_knows_what_the_flags_may_hold_on_entry():
    """No comparison sets both bits, but a processor may hold them before the first."""
    program = [("cmovl", 0, 1), ("cmove", 0, 1)]
    assert simulator.run(program[:1], (1, 2), (True, True)) == [2, 2]
    assert simulator.run([("cmovge", 0, 1)], (1, 2), (True, True)) == [1, 2]
    assert simulator.fails_on(program, 2, 0, (0, 1), (0, 1), lambda keys: True)


def test_a_wrong_verdict_is_found(monkeypatch):
    monkeypatch.setattr(fuzz, "verify", lambda kernel: _Always())
    said = [fuzz.try_kernel(Random(f"kernels {seed}")) for seed in range(20)]
    assert any(text and "simulator fails" in text for text in said)


class _Always:
    verdict = Proved()


@pytest.mark.skipif("native" not in fuzz.kinds(), reason="needs gcc on Linux: install gcc")
def test_the_processor_contradicts_a_wrong_verdict_on_compiled_code(monkeypatch):
    said = {"n": 4, "key": None, "notes": ["outputs [rdi] [rdi+4] [rdi+8] [rdi+12], as stored"]}
    wrong = {"proved": None, "refuted": {"flags": None, "scratch": [], "inputs": [4, 3, 2, 1]}}
    faulty = {f.name: f for f in native_mutants.functions()}
    for name, verdict in (("sort4_faulty", "proved"), ("sort4", "refuted")):
        found = wrong[verdict] and wrong[verdict] | {"outputs": [1, 2, 3, 4]}
        answer = said | {"verdict": verdict, "counterexample": found}
        monkeypatch.setattr(native_mutants.compilers, "answer", lambda *_, a=answer: a)
        monkeypatch.setattr(native_mutants, "functions", lambda _, f=faulty[name]: (f,))
        monkeypatch.setattr(native_mutants, "mutated", lambda f, _: "\n".join(f.assembly()) + "\n")
        assert verdict in (native_mutants.try_mutant(Random(0)) or "")


@pytest.mark.skipif("native" not in fuzz.kinds(), reason="needs gcc on Linux: install gcc")
def test_functions_that_are_called_are_mutated_too():
    """gcc -O3 leaves nothing of this one but two calls and a jump."""
    tried = "sort4_recursive", ("-O3",)
    found = native_mutants.functions()
    (function,) = (f for f in found if (f.name, f.options) == tried)
    lines = function.assembly()
    changed = {
        number
        for seed in range(20)
        for number, line in enumerate(native_mutants.mutated(function, Random(seed)).splitlines())
        if line != lines[number]
    }
    assert min(changed) < lines.index("sort4_recursive:")


def test_a_crash_and_a_message_of_several_lines_are_failures():
    def crash():
        raise KeyError("a field")

    def ramble():
        raise fuzz.InputError("one\ntwo")

    assert fuzz.clear(crash) == "KeyError: 'a field'"
    assert "several lines" in fuzz.clear(ramble)
    assert fuzz.clear(lambda: None) is None
