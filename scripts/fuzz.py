#!/usr/bin/env python3
"""Try damaged files, forged proofs, random kernels and mutated machine code on sortopt.

    python scripts/fuzz.py --seed 1 --count 1000
    python scripts/fuzz.py --seed 1 --count 100000 --only texts --results docs/results/fuzz.json

`--count` is the number of tries of each kind.  A failure is an exception that is no clear error, a
reader that takes long, a verdict that the simulator or the processor contradicts, or a forged
proof that is accepted; `--seed S --count 1 --only KIND`, with the seed that is printed with it,
tries it again.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import measured
import simulator
from native_mutants import EMULATED, try_emulated, try_mutant, try_statement

from sortopt import certificate, objects
from sortopt.base import Budget, InputError, LimitReached, SortoptError
from sortopt.emit import TARGETS, emit
from sortopt.formats import parse
from sortopt.model import Kernel, Proved, Refuted, Signedness, parse_precondition
from sortopt.model.kernel import build
from sortopt.networks import best, parse_network, write_network
from sortopt.report import tables
from sortopt.search.exhaustive import shortest
from sortopt.search.space import Problem
from sortopt.targets import X86_CMOV, X86_MINMAX
from sortopt.verify import verify

SLOW = 5.0
"""Seconds of this process that a reader may take for one of these small files."""

PIECES = (
    ".if 0\n", ".endif\n", "\\\n", "\x0c", "\u2028", '"', "(", ")", "{", "}", "/*", "*/", "//", ";",
    "#", "@", "%", "$", "0", "99999999999999999999", "-1", "[rdi+", "eax", "r8d", "xmm0", "cmovg",
    "mov", "cmp", "ret\n", ":", ",", "\n", "\r\n", "\0", "é", ".rept 3\n", ".endr\n", "asm(", "&",
    "volatile", "define ", "%k0", "i32", "[[0,1],[1,2]]", "; inputs: eax ecx\n", "; assume: a<b\n",
)  # fmt: skip
"""What is put into texts: marks and words of all the languages that are read."""

LEAST = 4
"""The instructions that two keys need, also where they differ; tests count them by brute force."""

Try = Callable[[Random], str | None]
"""One try: draws from a generator, and returns what failed, or None."""


@cache
def texts() -> tuple[tuple[str, str], ...]:
    """Return texts of every kind that is read, each with the suffix of its file."""
    root = measured.ROOT / "kernels"
    found: list[tuple[str, str]] = []
    for path in sorted(root.rglob("*")):
        if path.suffix in (".asm", ".s", ".cgo") and len(found) < 30:
            found.append((path.suffix, path.read_text(encoding="utf-8")))
    for path in sorted((root / "alphadev").iterdir()):
        kernel = parse(path.read_text(encoding="utf-8")).kernel
        for target in ("c", "llvm", "asm-intel", "asm-att", "rust"):
            found.append((TARGETS[target].suffix, emit(kernel, target)))
    if shutil.which("objdump") and shutil.which("gcc"):
        found.append((".txt", _listing()))
    return tuple(found)


def _object(folder: str, text: str) -> Path:
    made = Path(folder) / "kernel.o"
    command = ["gcc", "-c", "-x", "assembler", "-", "-o", str(made)]
    subprocess.run(command, input=text.encode(), check=True, capture_output=True)
    return made


def _assembly() -> str:
    kernel = parse((measured.ROOT / "kernels/alphadev/sort3.asm").read_text("utf-8")).kernel
    return emit(kernel, "asm-att")


def _listing() -> str:
    with TemporaryDirectory() as folder:
        command = ["objdump", "-d", str(_object(folder, _assembly()))]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def damaged(text: str, random: Random) -> str:
    """Return `text` with some characters, lines or pieces dropped, doubled, moved or put in."""
    for _ in range(random.choice((1, 1, 2, 4, 16))):
        at, to = sorted(random.randrange(len(text) + 1) for _ in range(2))
        to = min(to, at + random.choice((1, 3, 30)))
        lines = text.split("\n")
        match random.randrange(7):
            case 0:
                text = text[:at] + text[to:]
            case 1:
                text = text[:to] + text[at:]
            case 2 | 3:
                text = text[:at] + random.choice(PIECES) + text[at:]
            case 4:
                odd = chr(random.choice((random.randrange(128), 0xA0, 0x2029)))
                text = text[:at] + odd + text[to:]
            case 5:
                line = lines.pop(random.randrange(len(lines)))
                lines.insert(random.randrange(len(lines) + 1), line)
                text = "\n".join(lines)
            case _:
                a, b = (random.randrange(len(lines)) for _ in range(2))
                lines[a] = lines[b]
                text = "\n".join(lines)
    return text


def spoilt(data: bytes, random: Random) -> bytes:
    """Return `data` with some bytes changed, dropped or doubled."""
    found = bytearray(data)
    for _ in range(random.choice((1, 2, 8, 40))):
        at = random.randrange(len(found) + 1)
        match random.randrange(4):
            case 0:
                del found[at : at + random.choice((1, 8, 200))]
            case 1:
                found[at:at] = found[at : at + random.choice((1, 8, 200))]
            case _:
                found[at : at + 1] = bytes([random.choice((0, 255, random.randrange(256)))])
    return bytes(found)


def clear(action: Callable[[], Any]) -> str | None:
    """Return what is wrong with how `action` ends: it may return, or raise one clear error."""
    began = time.process_time()
    try:
        action()
    except (InputError, LimitReached) as error:
        if "\n" in error.message:
            return f"a message of several lines: {error.message!r}"
    except (SortoptError, Exception) as error:
        return f"{type(error).__name__}: {error}"
    took = time.process_time() - began
    return f"it takes {took:.1f} s" if took > SLOW else None


def try_text(random: Random) -> str | None:
    """Read a damaged text of a kernel."""
    suffix, text = random.choice(texts())
    text = damaged(text, random).encode(errors="replace").decode()
    return clear(partial(objects.read, f"fuzz{suffix}", text=text))


def try_network(random: Random) -> str | None:
    """Read a damaged network, in any notation."""
    network = best(random.randrange(2, 9))
    found = write_network(network, random.choice(("pairs", "json", "list")))
    return clear(partial(parse_network, damaged(found, random)))


def try_object(random: Random) -> str | None:
    """Read a damaged object file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "damaged.o"
        path.write_bytes(spoilt(_object_bytes(), random))
        return clear(partial(objects.read, path))


@cache
def _object_bytes() -> bytes:
    with TemporaryDirectory() as folder:
        return _object(folder, _assembly()).read_bytes()


@cache
def _certificate() -> tuple[Any, bytes]:
    question = certificate.Question.of(Problem(2, distinct=True, in_place=False).record())
    made = certificate.make(question, LEAST - 1)
    assert made is not None
    with TemporaryDirectory() as folder:
        path = Path(folder) / "honest"
        certificate.file.write(str(path), made)
        return made, path.read_bytes()


def try_certificate(random: Random) -> str | None:
    """Check a damaged certificate, or a well-made one of a claim that is false."""
    honest, data = _certificate()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "forged"
        if random.random() < 0.5:
            head, _, body = data.partition(b"\n")
            _, _, body = body.partition(b"\n")
            body = spoilt(body, random)
            digest = hashlib.sha256(body).hexdigest().encode()
            path.write_bytes(head + b"\n" + digest + b"\n" + body)
        else:
            certificate.file.write(str(path), _forged(honest, random))
        return clear(partial(_check_certificate, str(path), honest))


def _forged(honest: Any, random: Random) -> Any:
    pool, size = honest.pool.copy(), honest.size.copy()
    for _ in range(random.randrange(3)):
        pool[random.randrange(len(pool))] = random.randrange(64)
    levels = list(honest.levels)
    if random.random() < 0.5:
        levels[random.randrange(len(levels))] += random.choice((-1, 1))
    limit = honest.limit + random.choice((0, 1, 1, 2))
    levels = [max(0, count) for count in levels] + [0] * random.choice((0, limit - honest.limit))
    return replace(honest, limit=limit, levels=tuple(levels), pool=pool, size=size)


def _check_certificate(path: str, honest: Any) -> None:
    found = certificate.file.read(path)
    check = certificate.check(found, Budget(20.0))
    same = found.question == honest.question
    if check.fault is None and same and found.limit > honest.limit:
        raise AssertionError(f"the false claim is accepted: {found.claim}")


@cache
def _checkpoint() -> dict[str, bytes]:
    """Return the files of a checkpoint of two keys that a search left when it was stopped."""
    with TemporaryDirectory() as folder:
        shortest(Problem(2), checkpoint=folder)
        return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def try_checkpoint(random: Random) -> str | None:
    """Go on from a damaged or forged checkpoint."""
    files = dict(_checkpoint())
    name = random.choice(sorted(files))
    text = files[name]
    files[name] = (
        damaged(text.decode(errors="replace"), random).encode(errors="replace")
        if name.endswith(".json")
        else spoilt(text, random)
    )
    with TemporaryDirectory() as folder:
        for each, content in files.items():
            (Path(folder) / each).write_bytes(content)
        return clear(partial(_go_on, folder))


def _go_on(folder: str) -> None:
    answer = shortest(Problem(2), checkpoint=folder)
    if answer.taken_over is None and answer.lower_bound != LEAST:
        raise AssertionError(f"a wrong bound of {answer.lower_bound}, not said to be taken over")


def random_kernel(random: Random) -> Kernel:
    """Return a random kernel, or a right one with a few instructions changed."""
    isa = random.choice((X86_CMOV, X86_CMOV, X86_MINMAX))
    n, names = random.randrange(1, 4), "abcst"
    cells = [*names[:n], *"st"[: random.randrange(0, 3)]]
    sign, bits = random.choice(list(Signedness)), random.choice(isa.key_bits)
    forms = [
        form
        for form in isa.forms.values()
        if form.signedness in (None, sign)
        and form.bits in (None, bits)
        and form.admits((isa.place,) * len(form.operands))
    ]
    if random.random() < 0.7 and isa is X86_CMOV:
        n, cells = 3, ["a", "b", "c", "s"]
        program = [(isa.form(op), (d, s)) for op, d, s in SORT3]
        if sign is Signedness.UNSIGNED:
            program = [(isa.of_sign(form, sign), operands) for form, operands in program]
        for _ in range(random.choice((0, 1, 1, 2))):
            program[random.randrange(len(program))] = _drawn(forms, cells, random)
    else:
        program = [_drawn(forms, cells, random) for _ in range(random.randrange(0, 9))]
    return build(isa, program, inputs=cells[:n], outputs=cells[:n])


SORT3 = (
    ("mov", "s", "b"), ("cmp", "c", "b"), ("cmovl", "b", "c"), ("cmovl", "c", "s"),
    ("mov", "s", "a"), ("cmp", "c", "a"), ("cmovl", "a", "c"), ("cmovl", "c", "s"),
    ("mov", "s", "a"), ("cmp", "b", "a"), ("cmovl", "a", "b"), ("cmovl", "b", "s"),
)  # fmt: skip


def _drawn(forms: Sequence[Any], cells: Sequence[str], random: Random) -> tuple[Any, Any]:
    form = random.choice(forms)
    return form, tuple(random.choice(cells) for _ in form.operands)


def try_kernel(random: Random) -> str | None:
    """Hold the verdict over a random kernel against the simulator."""
    kernel = random_kernel(random)
    n = kernel.n
    if random.random() < 0.5 and n > 1:
        relation = random.choice(("<", "<=", "!=", "=", ">"))
        kernel = kernel.assuming(parse_precondition(f"a {relation} b"))
    program = [(i.form.mnemonic, i.operands[0], i.operands[1]) for i in kernel.instructions]
    fails = partial(
        simulator.fails_on, program, n, len(kernel.cells) - n, kernel.contract.outputs, range(n)
    )
    admits = kernel.contract.assume.holds
    verdict = verify(kernel).verdict
    failing = fails(admits)
    if (failing is None) != isinstance(verdict, Proved):
        return f"{verdict}, but the simulator fails on {failing}: {program}"
    if isinstance(verdict, Refuted):
        keys = verdict.counterexample.inputs
        if fails(lambda drawn: _ranked(drawn) == _ranked(keys)) is None:
            return f"{keys} is no counterexample of {program}"
    return None


def _ranked(keys: Sequence[int]) -> list[int]:
    return [sorted(set(keys)).index(key) for key in keys]


def kinds() -> dict[str, Try]:
    """Return the kinds of tries that this machine allows, by name."""
    found: dict[str, Try] = {
        "texts": try_text, "networks": try_network, "certificates": try_certificate,
        "checkpoints": try_checkpoint, "kernels": try_kernel,
    }  # fmt: skip
    if shutil.which("gcc") and sys.platform == "linux":
        found |= {"objects": try_object, "native": try_mutant, "statements": try_statement}
    if any(processor.here for processor in EMULATED):
        found["emulated"] = try_emulated
    return found


def attempt(name: str, kind: Try, seed: int, count: int, until: float) -> dict[str, Any]:
    """Try one kind `count` times, or until that time has come; print and count the failures."""
    failures, tried, began = 0, 0, time.perf_counter()
    for number in range(seed, seed + count):
        if time.perf_counter() > until:
            break
        tried += 1
        said = kind(Random(f"{name} {number}"))
        if said is not None:
            failures += 1
            print(f"{name}, seed {number}: {said}", flush=True)
    seconds = round(time.perf_counter() - began, 1)
    return {"kind": name, "tries": tried, "failures": failures, "seconds": seconds, "seed": seed}


def main(arguments: Sequence[str]) -> int:
    """Try all kinds and print a table; the status is 1 where anything failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=100, help="tries of each kind")
    parser.add_argument("--only", action="append", metavar="KIND", choices=sorted(kinds()))
    parser.add_argument("--time-limit", type=float, default=float("inf"), metavar="SECONDS",
                        help="for each kind")  # fmt: skip
    measured.add_options(parser)
    options = parser.parse_args(arguments)
    measured.check_options(options)
    figures: list[dict[str, Any]] = []
    for name, kind in kinds().items():
        if not options.only or name in options.only:
            until = time.perf_counter() + options.time_limit
            figures.append(attempt(name, kind, options.seed, options.count, until))
            measured.result(options, figures, ["scripts/fuzz.py", *arguments])
    rows = [(f["kind"], f"{f['tries']:,}", str(f["failures"]), f"{f['seconds']}") for f in figures]
    tables.show(tables.rows(rows, ("kind", "tries", "failures", "seconds")))
    return 1 if any(figure["failures"] for figure in figures) else 0


if __name__ == "__main__":
    measured.main(main)
