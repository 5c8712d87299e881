"""Mutants of what compilers write, judged by sortopt and run on this processor: see fuzz.py."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import compilers

DRIVER = """
#include <stdio.h>
#include <stdlib.h>
typedef KEY key;
void FUNCTION(key *);
static const key values[] = {VALUES};
enum { COUNT = sizeof values / sizeof *values, GUARD = 90, AROUND = 4 };
static int fails(const key *in) {
    key held[N + 2 * AROUND], want[N];
    for (int i = 0; i < N + 2 * AROUND; i++) held[i] = GUARD;
    for (int i = 0; i < N; i++) {
        int j = i;
        for (; j && in[i] < want[j - 1]; j--) want[j] = want[j - 1];
        want[j] = held[AROUND + i] = in[i];
    }
    FUNCTION(held + AROUND);
    for (int i = 0; i < AROUND; i++)
        if (held[i] != GUARD || held[N + AROUND + i] != GUARD) return 1;
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
            for (int i = 0; i < N; i++) printf("%lld ", (long long)in[i]);
            return 1;
        }
    }
    return 0;
}
"""
"""Runs a function on all inputs of a few values, or on the one that is given.

Exit status 1 where it does not sort one, or writes beside its keys."""

OPTIONS = ("-O0", "-O1", "-O2", "-O3", "-Os", "-O3 -march=native")
"""What the functions are compiled with."""

_EDGES = {
    "int": "-2147483647 - 1, -1, 0, 1, 2147483647",
    "unsigned long": "0, 1, 2, 1ul << 63, ~0ul",
}
_KEYS = {"int": "int32", "unsigned long": "uint64"}
_CONDITION = re.compile(r"^\t(j|cmov|set)(n?[egl]|[gl]e|n?[abs]|[ab]e)\b")
_REGISTER = re.compile(r"%[a-z0-9]+")
_NUMBER = re.compile(r"(?<![\w.%])-?\d+")
_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Compiled:
    """A function that sorts as C source, and the assembly that a compiler makes of it."""

    name: str
    key: str
    n: int
    source: str
    options: tuple[str, ...]

    def assembly(self) -> list[str]:
        """Compile it, and return the lines."""
        command = ["gcc", "-S", "-w", *self.options, "-x", "c", "-", "-o", "-"]
        return _compile(command, self.source).splitlines()

    def driver(self) -> str:
        """Return the C program that runs it."""
        words = {"KEY": self.key, "FUNCTION": self.name, "VALUES": _EDGES[self.key]}
        text = re.sub(r"\b(KEY|FUNCTION|VALUES)\b", lambda found: words[found[0]], DRIVER)
        return re.sub(r"\bN\b", str(self.n), text)


def _compile(command: Sequence[str], text: str) -> str:
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


@cache
def functions() -> tuple[Compiled, ...]:
    """Return the functions of scripts/sources that sort a buffer in place, with all OPTIONS."""
    path = compilers.SOURCES / "shapes.c"
    head, *texts = re.split(r"(?=^// (?:right|faulty))", path.read_text("utf-8"), flags=re.M)
    found = []
    for shape, text in zip(compilers.shapes(path), texts, strict=True):
        size = re.search(r"\d", shape.name)
        if size and not shape.options:
            key = "unsigned long" if "unsigned" in shape.name else "int"
            function = shape.name, key, int(size[0]), head + text
            found += [Compiled(*function, tuple(options.split())) for options in OPTIONS]
    return tuple(found)


@cache
def _lines(function: Compiled) -> tuple[str, ...]:
    return tuple(function.assembly())


def mutated(lines: Sequence[str], random: Random) -> str:
    """Return assembly with some instructions of its function changed, moved or dropped."""
    text = list(lines)
    first = next(i for i, line in enumerate(text) if "cfi_startproc" in line)
    places = [
        i
        for i, line in enumerate(text)
        if i > first and line.startswith("\t") and not line.startswith(("\t.", "\tret"))
    ]
    registers = sorted({name for i in places for name in _REGISTER.findall(text[i])})
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
                found = list(_REGISTER.finditer(text[a]))
                text[a] = _replaced(text[a], found, random.choice(registers), random)
            case 5:
                found = list(_NUMBER.finditer(text[a]))
                text[a] = _replaced(text[a], found, random.choice(numbers), random)
            case _:
                other = random.choice(("l", "g", "le", "ge", "e", "ne", "b", "a", "be", "ae", "s"))
                turned = [i for i in places if _CONDITION.match(text[i])]
                if turned:
                    a = random.choice(turned)
                    text[a] = _CONDITION.sub(rf"\t\g<1>{other}", text[a])
    return "\n".join(text) + "\n"


def _replaced(line: str, found: Sequence[re.Match[str]], by: str, random: Random) -> str:
    if not found:
        return line
    place = random.choice(found)
    return line[: place.start()] + by + line[place.end() :]


def try_mutant(random: Random) -> str | None:
    """Judge a mutant of a compiled function, and run it; return where the two differ."""
    function = random.choice(functions())
    text = mutated(_lines(function), random)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "mutant.s"
        path.write_text(text, encoding="utf-8")
        said = compilers.answer(path, function.name, ("--time-limit", "20"))
        if "error" in said:
            wrong = said["error"]["exit_status"] not in compilers.NO_VERDICT
            return f"{said['error']['message']}:\n{text}" if wrong else None
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
    size = 4 if function.key == "int" else 8
    cells = " ".join(f"[rdi+{size * i}]" if i else "[rdi]" for i in range(function.n))
    told = any(f"outputs {cells}," in note for note in said["notes"])
    return told and said["n"] == function.n and said["key"] in (None, _KEYS[function.key])


def _fails(function: Compiled, path: Path, inputs: Sequence[int]) -> str | None:
    """Run a mutant on those keys, or on all; return the input that it does not sort, if any."""
    program = path.with_suffix("")
    (path.parent / "driver.c").write_text(function.driver(), encoding="utf-8")
    _compile(["gcc", "-O1", "-w", str(path.parent / "driver.c"), str(path), "-o", str(program)], "")
    modulus = 1 << 64
    command = [str(program), *(str(key % modulus) for key in inputs)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        return "an input that takes long"
    return None if done.returncode == 0 else done.stdout or f"status {done.returncode}"
