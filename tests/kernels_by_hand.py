"""Kernels of known behaviour, written in the compact notation, for the tests of back ends."""

from __future__ import annotations

import re

from sortopt.model.goal import SORT, Goal
from sortopt.model.isa import Form, Isa, Place
from sortopt.model.kernel import Kernel, build
from sortopt.targets import X86_CMOV, X86_MINMAX

_CMOV = {
    "c": "cmp", "m": "mov", "l": "cmovl", "g": "cmovg", "L": "cmovle", "G": "cmovge",
    "b": "cmovb", "a": "cmova", "e": "cmove", "n": "cmovne",
}  # fmt: skip
_MINMAX = {"m": "movdqa", "<": "pminsd", ">": "pmaxsd", "-": "pminud", "+": "pmaxud"}


def compact(text: str, inputs: str, outputs: str, isa: Isa = X86_CMOV, goal: Goal = SORT) -> Kernel:
    """Build a kernel from `op dst src` triples such as `c23 m43`, registers numbered from 1."""
    table = _CMOV if isa is X86_CMOV else _MINMAX
    names = {digit: isa.registers[int(digit) - 1] for digit in "123456789"}
    program: list[tuple[Form, tuple[str, ...]]] = [
        (isa.form(table[op]), (names[dst], names[src])) for op, dst, src in text.split()
    ]
    return build(
        isa,
        program,
        inputs=[names[d] for d in inputs],
        outputs=[names[d] for d in outputs],
        goal=goal,
    )


def network(*comparators: str) -> Kernel:
    """Lower comparators such as "12" over as many cells as they name, the next one scratch."""
    n = max(int(digit) for pair in comparators for digit in pair)
    s = n + 1
    steps = [f"m{s}{a} c{b}{a} l{a}{b} l{b}{s}" for a, b in comparators]
    cells = "123456789"[:n]
    return compact(" ".join(steps), cells, cells)


SORT2 = compact("m31 c21 l12 l23", "12", "12")
ALPHADEV3 = compact("c23 m43 l42 g32 c31 m21 l23 L31 c42 L14 g24", "132", "123")
ALPHADEV4 = compact(
    "c25 m35 l32 l25 c41 m51 l54 l41 c35 m15 l13 G53 c24 m34 l32 G42 c53 m23 l25 G35",
    "2451",
    "1234",
)
ALPHADEV5 = compact(
    "c26 m16 l12 g62 c45 m25 l24 g54 c53 m43 l45 L53 c24 L32 g42 c56 m26 l25 L56 c41 m61 l64 L41 "
    "c36 L13 g63 c42 m32 l34 L42 c63 L26 g36",
    "62354",
    "12345",
)
FAILS_ON_TIES = compact("m41 c24 g42 g21 c23 l12 l23 g13 c34 l34 g24", "123", "123")
MINMAX3 = compact("m41 <12 >24 m42 <43 >41 <13 >32", "123", "143", X86_MINMAX)
UNSIGNED2 = compact("m31 c21 b12 b23", "12", "12")
NETWORK8 = network(
    "13", "24", "57", "68", "15", "26", "37", "48", "12", "34", "56", "78", "35", "46", "25", "47",
    "23", "45", "67",
)  # fmt: skip


def in_memory() -> Kernel:
    """Return Sort3AlphaDev as its test file lists it, over the three memory cells of a buffer."""
    cells = {"0": "[p]", "1": "[p+4]", "2": "[p+8]", "a": "eax", "c": "ecx", "d": "edx", "8": "r8d"}
    listing = (
        "mov a1 mov c2 cmp ca mov da cmovl dc mov 80 cmovg ac cmp a8 mov c8 cmovl ca cmovle a8 "
        "mov 2a cmp dc cmovle 8d mov 08 cmovg cd mov 1c"
    )
    program = [
        (X86_CMOV.form(op), (cells[first], cells[second]))
        for op, (first, second) in re.findall(r"(\w+) (\w\w)", listing)
    ]
    buffer = [cells[i] for i in "012"]
    places = {
        name: Place.MEMORY if name.startswith("[") else Place.REGISTER for name in cells.values()
    }
    return build(X86_CMOV, program, inputs=buffer, outputs=buffer, place_of=places)


IN_MEMORY3 = in_memory()
MEDIAN3 = build(
    X86_CMOV,
    [
        (X86_CMOV.form(op), (registers[0], registers[1]))
        for op, registers in (
            ("cmp", ("ecx", "eax")),
            ("mov", ("esi", "eax")),
            ("cmovl", ("eax", "ecx")),
            ("cmovl", ("ecx", "esi")),
            ("cmp", ("edx", "ecx")),
            ("cmovl", ("ecx", "edx")),
            ("cmp", ("ecx", "eax")),
            ("cmovl", ("ecx", "eax")),
        )
    ],
    inputs=("eax", "ecx", "edx"),
    outputs=("ecx",),
    goal=Goal("median"),
)
