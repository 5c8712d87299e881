"""Mutants of what compilers write, and of asm statements, judged by sortopt and run: see fuzz.py.

Those of x86-64 run on this processor, others under an emulator.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import compilers

DRIVER = """
#include <stdio.h>
#include <stdlib.h>
typedef KEY key;
void FUNCTION(key *, SECOND);
static const key values[] = {VALUES};
enum { COUNT = sizeof values / sizeof *values, GUARD = 90, AROUND = 4, BEFORE = HEADED };
static int fails(const key *in) {
    key held[N + 2 * AROUND], want[N];
    for (int i = 0; i < N + 2 * AROUND; i++) held[i] = GUARD;
    if (BEFORE) held[AROUND - 1] = N;
    for (int i = 0; i < N; i++) {
        int j = i;
        for (; j && in[i] < want[j - 1]; j--) want[j] = want[j - 1];
        want[j] = held[AROUND + i] = in[i];
    }
    FUNCTION(held + AROUND - BEFORE, GIVEN);
    for (int i = 0; i < AROUND; i++)
        if (held[i] != (BEFORE && i == AROUND - 1 ? N : GUARD) || held[N + AROUND + i] != GUARD)
            return 1;
    for (int i = 0; i < N; i++)
        if (held[AROUND + i] != want[i]) return 1;
    return 0;
}
int main(int count, char **words) {
    key in[N];
    if (count > 1) {
        for (int i = 0; i < N; i++) in[i] = (key)strtoull(words[1 + i], 0, 10);
        return fails(in);
    }
    long all = 1;
    for (int i = 0; i < N; i++) all *= COUNT;
    for (long number = 0; number < all; number++) {
        long rest = number;
        for (int i = 0; i < N; i++, rest /= COUNT) in[i] = values[rest % COUNT];
        if (fails(in)) {
            for (int i = 0; i < N; i++) printf("%.17g ", (double)in[i]);
            return 1;
        }
    }
    return 0;
}
"""
"""Runs a function on all inputs of a few values, or on the one that is given.

Exit status 1 where it does not sort one, or writes beside its keys."""

OPTIONS = ("-O0", "-O1", "-O2", "-O3", "-Os")
"""What the functions are compiled with, on every machine."""

_EDGES = {
    "int": "-2147483647 - 1, -1, 0, 1, 2147483647",
    "unsigned long": "0, 1, 2, 1ul << 63, ~0ul",
    "float": "-__builtin_inff(), -1.5f, -0.0f, 0.0f, 0x1p-149f, __builtin_inff()",
    "double": "-__builtin_inf(), -1.5, -0.0, 0.0, 0x1p-1074, __builtin_inf()",
}
_KEYS = {"int": "int32", "unsigned long": "uint64", "float": "float32", "double": "float64"}
_TYPES = {"floats": "float", "doubles": "double"}
"""Types of keys by the first word of a function's name."""
_NUMBER = re.compile(r"(?<![\w.%])-?\d+")
_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Processor:
    """How code of a processor is made and run, and what its registers and conditions look like.

    `flags` are for the compiler, `emulator` stands before a program, `buffer` holds the address of
    the keys, and `second` a number that a function is given next, or `end` an address.
    """

    dialect: str
    compiler: str
    options: tuple[str, ...]
    flags: tuple[str, ...]
    emulator: tuple[str, ...]
    buffer: str
    second: str
    end: str
    register: re.Pattern[str]
    condition: re.Pattern[str]
    conditions: tuple[str, ...]

    @property
    def here(self) -> bool:
        """Whether its code can be made and run."""
        return all(map(shutil.which, (self.compiler, *self.emulator[:1])))


FEW_REGISTERS = "-O2 -ffixed-ecx -ffixed-edx -ffixed-r8 -ffixed-r9 -ffixed-r10 -ffixed-r11"
"""Makes a compiler keep keys on the stack, and save registers."""
NATIVE = Processor(
    "att", "gcc", (*OPTIONS, "-O3 -march=native", FEW_REGISTERS), (), (), "rdi", "esi", "rsi",
    re.compile(r"%[a-z0-9]+"), re.compile(r"^(\t(?:j|cmov|set))(n?[egl]|[gl]e|n?[abs]|[ab]e)\b"),
    ("l", "g", "le", "ge", "e", "ne", "b", "a", "be", "ae", "s"),
)  # fmt: skip
STATEMENT = replace(
    NATIVE, options=("-O0", "-O2"), buffer="%0", second="%k1", end="%1",
    register=re.compile(r"%%?[a-z0-9]+"),
    condition=re.compile(r'^(\s*"(?:j|cmov|set))(n?[egl]|[gl]e|n?[abs]|[ab]e)\b'),
)  # fmt: skip
"""The processor as asm statements of scripts/sources/statements.c have it."""
_AARCH64_CONDITION = re.compile(r"^(\tb|\tc(?:s\w+|inc|inv|neg)\t.*, )([glnem]\w|h[is]|l[ostse])\b")
EMULATED = (
    Processor(
        "aarch64", "aarch64-linux-gnu-gcc", OPTIONS, ("-static",), ("qemu-aarch64",), "x0", "w1",
        "x1", re.compile(r"\b(?:[dswx]\d+|sp)\b"), _AARCH64_CONDITION,
        ("lt", "gt", "le", "ge", "eq", "ne", "lo", "hi", "ls", "hs", "mi"),
    ),
    Processor(
        "riscv", "riscv64-linux-gnu-gcc", OPTIONS, ("-static", "-march=rv64gc_zbb"),
        ("qemu-riscv64",), "a0", "a1", "a1", re.compile(r"\b(?:f?[ast]\d+|sp|zero)\b"),
        re.compile(r"^(\t[bs])(eq|ne|[gl][te]u?)\b"),
        ("lt", "gt", "le", "ge", "eq", "ne", "ltu", "gtu", "leu", "geu"),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compiled:
    """A function that sorts as C source, and the assembly that a compiler makes of it.

    `length` is where it is given a number of keys, as scripts/sources has it; "" for nowhere.  What
    is mutated and judged is the assembly, or C source where its asm statement is a kernel.
    """

    processor: Processor
    name: str
    key: str
    n: int
    source: str
    length: str
    options: tuple[str, ...]

    @property
    def suffix(self) -> str:
        """How the file's name ends that is judged."""
        return ".c" if self.processor is STATEMENT else ".s"

    @property
    def given(self) -> tuple[str, ...]:
        """The options that say how many keys there are."""
        made_by = self.processor
        registers = {"buffer": made_by.buffer, "second": made_by.second, "end": made_by.end}
        place = self.length.format(**registers)
        return ("--length", f"{place}={self.n}") if place else ()

    def assembly(self) -> list[str]:
        """Return the lines of what is mutated, compiled where that is assembly."""
        made_by = self.processor
        if made_by is STATEMENT:
            return self.source.splitlines()
        options = ["-S", "-w", *made_by.flags, *self.options]
        command = [made_by.compiler, *options, "-x", "c", "-", "-o", "-"]
        return _compile(command, self.source).splitlines()

    def driver(self) -> str:
        """Return the C program that runs it."""
        headed = str(int(self.length.startswith("[")))
        words = {"KEY": self.key, "FUNCTION": self.name, "VALUES": _EDGES[self.key]}
        end = self.length.startswith("{end}")
        words |= {"HEADED": headed, "SECOND": "key *" if end else "int"}
        words |= {"GIVEN": "held + AROUND + N" if end else "N"}
        text = re.sub(rf"\b({'|'.join(words)})\b", lambda found: words[found[0]], DRIVER)
        return re.sub(r"\bN\b", str(self.n), text)


def _compile(command: Sequence[str], text: str) -> str:
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


@cache
def functions(processor: Processor = NATIVE) -> tuple[Compiled, ...]:
    """Return the functions of scripts/sources that sort integers in place, with all options."""
    path = compilers.SOURCES / ("statements.c" if processor is STATEMENT else "shapes.c")
    head, *texts = re.split(r"(?=^// (?:right|faulty))", path.read_text("utf-8"), flags=re.M)
    found = []
    for shape, text in zip(compilers.shapes(path), texts, strict=True):
        size = re.search(r"\d", shape.name)
        place, _, numbers = shape.options.get("length", "").partition("=")
        sizes = range(2, int(numbers[-1]) + 1) if place else [int(size[0])] if size else []
        if shape.options.keys() - {"length", "keep"}:
            continue
        kind = shape.name.partition("_")[0].rstrip("0123456789")
        key = "unsigned long" if "unsigned" in shape.name else _TYPES.get(kind, "int")
        for n, option in product(sizes, processor.options):
            function = processor, shape.name, key, n, head + text, place
            found.append(Compiled(*function, tuple(option.split())))
    return tuple(found)


@cache
def _lines(function: Compiled) -> tuple[str, ...]:
    return tuple(function.assembly())


def mutated(function: Compiled, random: Random) -> str:
    """Return it with some instructions, also of functions it calls, changed, moved or dropped."""
    text, processor = list(_lines(function)), function.processor
    places = _places(text, function)
    registers = sorted({name for i in places for name in processor.register.findall(text[i])})
    numbers = sorted({number for i in places for number in _NUMBER.findall(text[i])} | {"0"})
    for _ in range(random.choice((0, 1, 1, 1, 2))):
        a, b = random.choice(places), random.choice(places)
        match random.randrange(7):
            case 0:
                text[a], text[b] = text[b], text[a]
            case 1:
                text[a] = text[b]
            case 2:
                text[a] = ""
            case 3 | 4:
                found = list(processor.register.finditer(text[a]))
                text[a] = _replaced(text[a], found, random.choice(registers), random)
            case 5:
                found = list(_NUMBER.finditer(text[a]))
                text[a] = _replaced(text[a], found, random.choice(numbers), random)
            case _:
                other = random.choice(processor.conditions)
                turned = [i for i in places if processor.condition.match(text[i])]
                if turned:
                    a = random.choice(turned)
                    text[a] = processor.condition.sub(rf"\g<1>{other}", text[a])
    if processor is STATEMENT and random.random() < 0.3:
        text = [line.replace('"=&', '"=') for line in text]
    return "\n".join(text) + "\n"


def _places(text: Sequence[str], function: Compiled) -> list[int]:
    """Return the lines of instructions of a function and of those that it calls."""
    begins = re.compile(r' +[":]' if function.processor is STATEMENT else r"\t(?!\.|ret)")
    at, reached = function.name, [function.name]
    lines: dict[str, list[int]] = {}
    for i, line in enumerate(text):
        if label := re.match(r"(\w\S*):", line):
            at = label[1]
        elif begins.match(line):
            lines.setdefault(at, []).append(i)
    for name in reached:
        words = {word for i in lines.get(name, ()) for word in re.findall(r"[\w.]+", text[i])}
        reached += [other for other in lines if other in words and other not in reached]
    return sorted(i for name in reached for i in lines.get(name, ()))


def _replaced(line: str, found: Sequence[re.Match[str]], by: str, random: Random) -> str:
    if not found:
        return line
    place = random.choice(found)
    return line[: place.start()] + by + line[place.end() :]


def try_emulated(random: Random) -> str | None:
    """Judge and run, as `try_mutant`, code of another processor."""
    return try_mutant(random, random.choice([p for p in EMULATED if p.here]))


def try_statement(random: Random) -> str | None:
    """Judge and run, as `try_mutant`, an asm statement."""
    return try_mutant(random, STATEMENT)


def try_mutant(random: Random, processor: Processor = NATIVE) -> str | None:
    """Judge a mutant of a compiled function, and run it; return where the two differ."""
    function = random.choice(functions(processor))
    text = mutated(function, random)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"mutant{function.suffix}"
        path.write_text(text, encoding="utf-8")
        options = ("--time-limit", "20", "--dialect", processor.dialect, *function.given)
        said = compilers.answer(path, function.name, options)
        if "error" in said:
            wrong = said["error"]["exit_status"] not in compilers.NO_VERDICT
            return f"{said['error']['message']}:\n{text}" if wrong else None
        if function.given and "lengths" in said:
            (said,) = said["lengths"]
        if not _same_question(function, said):
            return None
        if said["verdict"] == "proved" and (failing := _fails(function, path, ())):
            return f"proved, but fails on {failing}:\n{text}"
        found = said["counterexample"]
        decided = said["verdict"] == "refuted" and _decided_by_keys(found)
        if decided and not _fails(function, path, found["inputs"]):
            return f"refuted by {found['inputs']}, but sorts it:\n{text}"
    return None


def _decided_by_keys(found: Mapping[str, Any]) -> bool:
    """Return whether a counterexample fails whatever else registers and flags hold."""
    return found["flags"] is None and not any(found["scratch"]) and None not in found["outputs"]


def _same_question(function: Compiled, said: Mapping[str, Any]) -> bool:
    """Return whether the verdict is about all keys of the buffer, read as the function's type."""
    if function.given:
        return said["verdict"] != "unknown" and said["key"] in (None, _KEYS[function.key])
    size = 4 if function.key in ("int", "float") else 8
    base = function.processor.buffer
    cells = " ".join(f"[{base}+{size * i}]" if i else f"[{base}]" for i in range(function.n))
    words = f"outputs {cells},", f"as {function.name} loads and stores them"
    told = any(word in note for word in words for note in said["notes"])
    return told and said["n"] == function.n and said["key"] in (None, _KEYS[function.key])


def _fails(function: Compiled, path: Path, inputs: Sequence[int]) -> str | None:
    """Run a mutant on those keys, or on all; return the input that it does not sort, if any."""
    program = path.with_suffix("")
    (path.parent / "driver.c").write_text(function.driver(), encoding="utf-8")
    made_by = function.processor
    options = function.options if made_by is STATEMENT else ("-O1",)
    command = [made_by.compiler, *made_by.flags, "-w", *options]
    try:
        _compile([*command, str(path.parent / "driver.c"), str(path), "-o", str(program)], "")
    except subprocess.CalledProcessError:  # an asm statement without registers for all operands
        return None
    modulus = 1 << 64
    command = [*made_by.emulator, str(program), *(str(key % modulus) for key in inputs)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        return "an input that takes long"
    return None if done.returncode == 0 else done.stdout or f"status {done.returncode}"
