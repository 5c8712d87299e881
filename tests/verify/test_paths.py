"""Code that branches: both proofs follow every path, agree, and never prove what is wrong."""

import re
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernels_by_hand import ALPHADEV3, ALPHADEV4, MINMAX3, SORT2
from places import ROOT

from sortopt import objects
from sortopt.base import UNLIMITED
from sortopt.base.errors import Disagreement, InputError, SortoptError
from sortopt.model import HIGHER, Branching, Rung, Stretch, Unknown, follow
from sortopt.objects import Branches
from sortopt.verify import (
    elements,
    explain_path,
    ladder_of,
    path_of,
    paths_elements,
    paths_orders,
    paths_smt,
    paths_smt_elements,
    verify_branching,
)

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


class Tagged(int):
    """A key that knows which input it was."""


class Labelled(Machine):
    """The naive machine on tagged keys, whose comparisons answer what `lies` say, if anything."""

    def __init__(self, keys, lies=None):
        super().__init__([Tagged(key) for key in keys], 0)
        for at, key in self.memory.items():
            key.label = at // 4
        self.lies = None if lies is None else iter(lies)

    def put(self, operand, value):
        if "[" in operand:
            self.memory[self.place(operand)] = value
        else:
            super().put(operand, value)

    def calculate(self, name, operands):
        keys = all(isinstance(self.get(operand), Tagged) for operand in operands)
        super().calculate(name, operands)
        if name == "cmp" and keys and self.lies is not None:
            self.difference = next(self.lies)


def labels(text, keys, lies=None):
    return [key.label for key in Labelled(keys, lies).run(lines_of(text))]


def keeps(text):
    """Return on which rungs a text stands, by running it on all inputs, and on all answers."""
    runs = [(keys, labels(text, keys)) for keys in INPUTS]
    lies = product((-1, 0, 1), repeat=3)
    return {
        Rung.ELEMENTS: all(sorted(out) == [0, 1, 2] for _, out in runs),
        Rung.STABLE: all(out == sorted(range(3), key=keys.__getitem__) for keys, out in runs),
        Rung.SAFE: all(sorted(labels(text, (1, 2, 3), each)) == [0, 1, 2] for each in lies),
    }


TIES = {"jge": "jg", "jg": "jge", "jle": "jl", "jl": "jle"}
DOUBLED = """
net3:
\tmov\teax, DWORD PTR [rdi]
\tmov\tecx, DWORD PTR 4[rdi]
\tmov\tedx, DWORD PTR 8[rdi]
\tcmp\teax, ecx
\tjl\t.L1
\tmov\tDWORD PTR [rdi], ecx
\tje\t.L1
\tmov\tDWORD PTR 4[rdi], eax
.L1:
\tret
"""
"""A sort of two keys, given that they are the least, that doubles one of two that tie."""
TWICE = DOUBLED.replace("jl", "jle").replace("\tje\t.L1", ".L2:\n\tcmp\teax, ecx\n\tjle\t.L1")
TWICE = TWICE.replace(".L1", ".L2", 1)
"""The same by two comparisons of the same keys, which hold together where none lies."""


def turned():
    """Yield texts that compilers made, each with one jump that goes the other way on a tie."""
    for name in NAIVE:
        lines = TEXTS[name].splitlines()
        for at, line in enumerate(lines):
            word = line.strip().partition("\t")[0]
            if word in TIES:
                text = "\n".join([*lines[:at], line.replace(word, TIES[word]), *lines[at + 1 :]])
                if is_right(text + "\n"):
                    yield text + "\n"


def rung_verdicts(text, rung, **options):
    """Return what each proof says of a rung."""
    with pytest.raises(Branches) as caught:
        objects.read("x.s", text=text, keep=rung, **options)
    return [proof(caught.value.branching, rung, UNLIMITED) for proof in RUNG_PROOFS]


RUNG_PROOFS = (paths_elements.check, paths_smt_elements.check)


def test_both_proofs_of_a_rung_agree_with_what_happens_to_tagged_keys():
    seen = set()
    for text in (*(TEXTS[name] for name in NAIVE), *turned()):
        for rung, kept in keeps(text).items():
            seen.add((rung, kept))
            for verdict in rung_verdicts(text, rung):
                assert verdict.name == ("proved" if kept else "refuted")
                found = None if kept else verdict.counterexample
                if rung is not Rung.SAFE and found is not None:
                    assert labels(text, found.inputs) == list(found.elements)
    assert seen >= {(Rung.STABLE, False), (Rung.STABLE, True), (Rung.ELEMENTS, True)}


@pytest.mark.parametrize("rung", HIGHER)
@pytest.mark.parametrize("kernel", [SORT2, ALPHADEV3, ALPHADEV4, MINMAX3])
def test_a_kernel_stands_where_it_does_as_code_of_one_path(kernel, rung):
    branching = Branching(kernel, Stretch(kernel.instructions), 0, 1, len(kernel))
    for proof in RUNG_PROOFS:
        assert proof(branching, rung, UNLIMITED).name == elements.check(kernel, rung).name


CELLS = "[rdi] [rdi+4]"


@pytest.mark.parametrize(
    ("text", "rung", "expected"),
    [
        (DOUBLED, Rung.ELEMENTS, "refuted"),
        (DOUBLED, Rung.STABLE, "refuted"),
        (DOUBLED, Rung.SAFE, "refuted"),
        (DOUBLED.replace("je", "jg"), Rung.SAFE, "refuted"),
        (TWICE, Rung.ELEMENTS, "proved"),
        (TWICE, Rung.STABLE, "proved"),
        (TWICE, Rung.SAFE, "refuted"),
        (TWICE.replace("cmp\teax, ecx\n\tjle\t.L1", "jle\t.L1"), Rung.SAFE, "proved"),
    ],
)
def test_an_element_that_ties_or_lies_lose_is_noticed_by_each_proof(text, rung, expected):
    text = text.replace("\tmov\tedx, DWORD PTR 8[rdi]\n", "")
    for verdict in rung_verdicts(text, rung, inputs=CELLS, outputs=CELLS):
        assert verdict.name == expected


def test_sides_that_only_lies_lead_to_are_unknown_where_they_were_not_followed():
    text = TWICE.replace("\tmov\tedx, DWORD PTR 8[rdi]\n", "")
    with pytest.raises(Branches) as caught:
        objects.read("x.s", text=text)
    branching = caught.value.branching
    found = ladder_of(branching, verify_branching(branching))
    assert [each.verdict.name for each in found.values()] == ["proved"] * 3 + ["unknown"]
    assert found[Rung.SAFE].verdict.reason.endswith("--keep safe follows it")


def test_a_rung_in_the_contract_is_refuted_with_its_path():
    with pytest.raises(Branches) as caught:
        objects.read("x.s", text=next(turned()), keep="stable")
    found = caught.value.branching
    verdict = verify_branching(found).verdict
    assert verdict.name == "refuted"
    assert verdict.counterexample.lacks is Rung.STABLE
    assert explain_path(found, verdict.counterexample).sentence == "b leaves before a"


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
