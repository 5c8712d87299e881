"""Code that branches: both proofs follow every path, agree, and never prove what is wrong."""

import re
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from places import ROOT

from sortopt import objects
from sortopt.base import UNLIMITED
from sortopt.base.errors import Disagreement, InputError, SortoptError
from sortopt.model import Unknown, follow
from sortopt.objects import Branches
from sortopt.verify import path_of, paths_orders, paths_smt, verify_branching

FOLDER = ROOT / "tests" / "branching"
TEXTS = {path.stem: path.read_text() for path in sorted(FOLDER.glob("*.s"))}
FAMILIES = {"eax": "rax", "ecx": "rcx", "edx": "rdx", "esi": "rsi"}
INPUTS = list(product((1, 2, 3), repeat=3))


class Machine:
    """A naive machine of three keys behind rdi, for the integer instructions that texts use."""

    def __init__(self, keys, others):
        self.memory = {4 * i: key for i, key in enumerate(keys)}
        self.registers = dict.fromkeys(FAMILIES.values(), others) | {"rdi": 0}
        self.difference = None

    def place(self, operand):
        match = re.fullmatch(r"(?:DWORD PTR )?(-?\d+)?\[(\w+)(?:\+(\w+)\*(\d))?\]", operand)
        offset, base, index, scale = match.groups()
        at = int(offset or 0) + self.registers[base]
        return at + self.registers[index] * int(scale) if index else at

    def get(self, operand):
        if re.fullmatch(r"-?\d+", operand):
            return int(operand)
        if "[" in operand:
            return self.memory[self.place(operand)]
        return self.registers[FAMILIES.get(operand, operand)]

    def put(self, operand, value):
        if "[" in operand:
            at = self.place(operand)
            self.memory[at] = value + 0 * self.memory[at]
        else:
            self.registers[FAMILIES.get(operand, operand)] = value

    def run(self, lines):
        """Run integers without overflow; return the keys, or None where it leaves the model."""
        labels = {line[:-1]: at for at, line in enumerate(lines) if line.endswith(":")}
        at = next(i for i, line in enumerate(lines) if re.fullmatch(r"\w+3:", line)) + 1
        for _ in range(300):
            name, _, rest = lines[at].partition("\t")
            at += 1
            operands = [part.strip() for part in rest.split(",")]
            if name == "ret":
                return [self.memory[4 * i] for i in range(3)]
            if name.startswith("j"):
                at = labels[rest] if self.jumps(name) else at
            elif not name.endswith(":") and name != "cdqe":
                self.calculate(name, operands)
        return None

    def jumps(self, name):
        d = self.difference
        return {"jmp": True, "jge": d >= 0, "jle": d <= 0, "jg": d > 0, "jl": d < 0, "je": d == 0,
                "jne": d != 0}[name]  # fmt: skip

    def calculate(self, name, operands):
        target, source = operands
        if name in ("mov", "movsx"):
            self.put(target, self.get(source))
        elif name == "lea":
            self.put(target, self.place(source))
        elif name == "xor":
            self.put(target, 0)
        else:
            result = self.get(target) + self.get(source) * (1 if name == "add" else -1)
            self.difference = result
            if name != "cmp":
                self.put(target, result)


def lines_of(text):
    """Return the lines of a text that run, or are labels."""
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if re.match(r"\.L\d+:|[a-z]", line)]


def is_right(text):
    """Return whether a text sorts all inputs, whatever the registers hold on entry."""
    for keys, others in product(INPUTS, (0, 7)):
        try:
            if Machine(keys, others).run(lines_of(text)) != sorted(keys):
                return False
        except (KeyError, TypeError):
            return False
    return True


def read(text):
    with pytest.raises(Branches) as caught:
        objects.read("x.s", text=text)
    return caught.value.branching


NAIVE = ["ins3-O1", "ins3-O3", "net3-O1"]


@pytest.mark.parametrize("name", NAIVE)
def test_the_naive_machine_runs_what_compilers_made(name):
    assert is_right(TEXTS[name])


@st.composite
def mutants(draw):
    lines = TEXTS[draw(st.sampled_from(NAIVE))].splitlines()
    places = [i for i, line in enumerate(lines) if line.startswith("\t") and line[1] not in ".r"]
    at = draw(st.sampled_from(places))
    line = lines[at]
    jumps = ["jge", "jle", "jg", "jl", "je", "jne"]
    if re.match(r"\tj[a-z]+\t", line):
        lines[at] = re.sub(r"j[a-z]+", draw(st.sampled_from(jumps)), line, count=1)
    elif draw(st.booleans()):
        del lines[at]
    else:
        lines[at] = re.sub(r"PTR -?\d*", f"PTR {draw(st.sampled_from(['', '4', '8']))}", line)
        lines[at] = re.sub(r"\be[acd]x\b", draw(st.sampled_from(["eax", "ecx", "edx"])), lines[at],
                           count=draw(st.integers(0, 1)) or 2)  # fmt: skip
    return "\n".join(lines) + "\n"


@settings(deadline=None, max_examples=12)
@given(mutants())
def test_a_mutant_is_proved_only_where_it_sorts_when_run(text):
    try:
        objects.read("x.s", text=text)
    except Branches as found:
        branching = found.branching
        whole = branching.whole.contract
        verdict = verify_branching(branching).verdict
        sorts = len(whole.inputs) == 3 and whole.inputs == whole.outputs
        if sorts and verdict.name == "proved" and not found.file.breaches:
            assert is_right(text)
        elif sorts and verdict.name == "refuted":
            assert not is_right(text)
    except SortoptError:
        pass


@pytest.mark.parametrize("was", ["jge", "jle"])
def test_a_counterexample_comes_with_the_path_that_it_takes(was):
    text = TEXTS["ins3-O1"].replace(f"\t{was}\t", "\tjne\t")
    branching = read(text)
    verdict = verify_branching(branching).verdict
    path = path_of(branching, verdict.counterexample)
    assert path.jumps
    assert path.outputs == verdict.counterexample.outputs != verdict.counterexample.expected


def without(stretch, side):
    """Return a stretch whose first jump leaves a side out."""
    return replace(stretch, fork=replace(stretch.fork, **{side: None}))


@pytest.mark.parametrize("side", ["taken", "passed"])
@pytest.mark.parametrize("proof", [paths_orders.check, paths_smt.check])
def test_a_side_that_is_left_out_wrongly_is_noticed_by_each_proof(side, proof):
    branching = read(TEXTS["net3-O1"])
    with pytest.raises(Disagreement):
        proof(replace(branching, start=without(branching.start, side)), UNLIMITED)


def test_what_a_register_held_on_entry_is_no_key():
    text = TEXTS["net3-O1"].replace("\tmov\teax, DWORD PTR [rdi]\n", "", 1)
    with pytest.raises(InputError, match="holds no key that is known"):
        objects.read("x.s", text=text)


def test_all_weak_orders_of_too_many_keys_are_unknown():
    branching = read(TEXTS["net3-O1"])
    assert follow(branching, (3, 2, 1)).outputs == (1, 2, 3)
    assert isinstance(paths_orders.check(many_keys(branching), UNLIMITED), Unknown)


def many_keys(branching):
    """Return code of ten keys, of which nothing is followed."""
    from sortopt.model.kernel import build

    names = tuple(f"k{i}" for i in range(10))
    whole = build(branching.whole.isa, [], inputs=names, outputs=names)
    return replace(branching, whole=whole)
