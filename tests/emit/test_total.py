"""Floating-point keys in the total order: the flip of bits is proved, the code compiled and run."""

import ctypes
from itertools import product

import numpy as np
import pytest
import z3
from compiled import compiler, run
from places import KERNELS

from sortopt.base import InputError
from sortopt.emit import Items, emit
from sortopt.formats import read
from sortopt.model import Signedness
from sortopt.networks import best, lower
from sortopt.targets import X86_CMOV, X86_FLOAT, X86_MINMAX, target

TOTAL = Items(order="total")
SHORTEST = read(KERNELS / "alphadev" / "sort3.asm").kernel
MEDIAN = read(KERNELS / "found" / "median3-len5-depth4.asm").kernel
TYPES = {32: ("float", z3.Float32()), 64: ("double", z3.Float64())}
C_MAIN = """
#include <stdio.h>
int main(void)
{{
    {key} keys[{n}], out[{n}];
    while (fread(keys, sizeof keys, 1, stdin) == 1) {{
        {call};
        fwrite({result}, sizeof *keys, {outputs}, stdout);
    }}
    return 0;
}}
"""
RUST_MAIN = """
use std::io::{{Read, Write}};
fn main() {{
    let mut all = Vec::new();
    std::io::stdin().read_to_end(&mut all).unwrap();
    let keys: Vec<{key}> =
        all.chunks({size}).map(|b| {key}::from_ne_bytes(b.try_into().unwrap())).collect();
    for row in keys.chunks({n}) {{
        let mut row: [{key}; {n}] = row.try_into().unwrap();
        #[allow(unused_unsafe)]
        unsafe {{ sorted(&mut row) }};
        for key in row {{ std::io::stdout().write_all(&key.to_ne_bytes()).unwrap(); }}
    }}
}}
"""


def flipped(bits, width):
    return bits ^ z3.LShR(bits >> (width - 1), 1)


@pytest.mark.parametrize("width", [32, 64])
def test_flipping_twice_changes_nothing_and_once_makes_the_total_order_that_of_integers(width):
    (_, kind), (a, b) = TYPES[width], z3.BitVecs("a b", width)
    x, y = (z3.fpBVToFP(bits, kind) for bits in (a, b))
    number, other = z3.Not(z3.fpIsNaN(x)), z3.Not(z3.fpIsNaN(y))
    below = flipped(a, width) < flipped(b, width)
    zeros = z3.And(z3.fpIsZero(x), z3.fpIsZero(y))
    claims = [
        flipped(flipped(a, width), width) == a,
        z3.Implies(z3.fpLT(x, y), below),
        z3.Implies(z3.And(zeros, z3.fpIsNegative(x), z3.fpIsPositive(y)), below),
        z3.Implies(z3.And(z3.Not(number), other, a < 0), below),
        z3.Implies(z3.And(number, z3.Not(other), b >= 0), below),
    ]
    for claim in claims:
        solver = z3.Solver()
        solver.add(z3.Not(claim))
        assert solver.check() == z3.unsat


def patterns(width, n):
    """Return rows of bit patterns: all of special ones, then random ones."""
    mantissa = {32: 23, 64: 52}[width]
    infinity = (1 << width - 1) - (1 << mantissa)
    positive = [0, 1, infinity >> 1, infinity, infinity + 1, infinity + (1 << mantissa - 1)]
    special = positive + [bits | 1 << width - 1 for bits in positive]
    kind = np.dtype(f"u{width // 8}")
    drawn = np.random.default_rng(width).integers(0, 1 << width, (3000, n), kind)
    return np.concatenate([np.array([*product(special, repeat=min(n, 3))], kind)[:, :n], drawn])


def in_total_order(rows, width):
    """Return each row sorted: by sign, negative first, and then by magnitude."""
    top = 1 << width - 1
    magnitude = [[(key >= top, key if key < top else -key) for key in row] for row in rows.tolist()]
    order = [
        sorted(range(len(row)), key=lambda i, row=row: (not row[i][0], row[i][1]))
        for row in magnitude
    ]
    return np.take_along_axis(rows, np.array(order), axis=1)


CASES = [
    ("c", SHORTEST, 32), ("c", SHORTEST, 64), ("c", lower(best(3), X86_MINMAX), 32),
    ("c", MEDIAN, 32), ("cpp", SHORTEST, 64),
    pytest.param(
        "rust", SHORTEST, 64,
        marks=pytest.mark.skipif(compiler("rustc") is None, reason="no Rust compiler"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("language", "kernel", "width"), CASES)
def test_compiled_code_sorts_every_kind_of_number_and_keeps_its_bits(
    tmp_path, language, kernel, width
):
    n, ranks = kernel.n, list(kernel.contract.goal.ranks(kernel.n))
    whole, key = len(ranks) == n, TYPES[width][0]
    text = emit(kernel, language, TOTAL, name="sorted", key=f"float{width}")
    if language == "rust":
        main = RUST_MAIN.format(key=f"f{width}", size=width // 8, n=n)
        command = ["rustc", "--edition", "2021", "-O", "main.rs", "-o", "main"]
    else:
        main = C_MAIN.format(
            key=key, n=n, outputs=len(ranks), result="keys" if whole else "out",
            call="sorted(keys), (void)out" if whole else "sorted(keys, out)",
        )  # fmt: skip
        strict = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-Wno-unused-function"]
        tool = ["gcc", "-std=c99"] if language == "c" else ["g++", "-std=c++11"]
        command = [*tool, "-O2", *strict, f"main.{language}", "-o", "main"]
    (tmp_path / f"main.{'rs' if language == 'rust' else language}").write_text(text + main)
    run(command, cwd=tmp_path)
    rows = patterns(width, n)
    out = run([str(tmp_path / "main")], input=rows.tobytes())
    got = np.frombuffer(out, rows.dtype).reshape(len(rows), -1)
    assert (got == in_total_order(rows, width)[:, ranks]).all()


@pytest.mark.parametrize(("kernel", "width"), [(SHORTEST, 64), (MEDIAN, 32)])
def test_llvm_sorts_every_kind_of_number_and_keeps_its_bits(kernel, width):
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    llvm.initialize_native_asmparser()
    text = emit(kernel, "llvm", TOTAL, name="sorted", key=f"float{width}")
    machine = llvm.Target.from_default_triple().create_target_machine()
    rows, ranks = patterns(width, kernel.n), list(kernel.contract.goal.ranks(kernel.n))
    wanted = in_total_order(rows, width)[:, ranks]
    whole, step = len(ranks) == kernel.n, rows.dtype.itemsize
    got = rows if whole else np.zeros((len(rows), len(ranks)), rows.dtype)
    with llvm.create_mcjit_compiler(llvm.parse_assembly(text), machine) as engine:
        kinds = [ctypes.c_void_p] * (1 if whole else 2)
        function = ctypes.CFUNCTYPE(None, *kinds)(engine.get_function_address("sorted"))
        for row in range(len(rows)):
            keys, out = (a.ctypes.data + row * a.shape[1] * step for a in (rows, got))
            function(*((keys,) if whole else (keys, out)))
    assert (got == wanted).all()


def test_the_header_says_the_order_and_that_nothing_is_lost():
    text = emit(SHORTEST, "c", TOTAL, key="float32")
    assert "sorts 3 keys of type float32, ascending in the total order of IEEE 754" in text
    assert "every key leaves, bit for bit, NaN too; sorted so: -NaN < -inf" in text
    assert "sort3(float keys[3])" in text


@pytest.mark.parametrize(
    ("kernel", "language", "key", "said"),
    [
        (SHORTEST, "c", "int32", "not of int32"),
        (lower(best(2), X86_FLOAT), "c", "float32", "-0 and \\+0 are equal"),
        (SHORTEST, "python", "float32", "python has no total order"),
        (lower(best(2), X86_MINMAX), "c", "float64", "not int64"),
        (lower(best(2), target("x86-avx")), "asm-intel", "float32", "has no total order"),
    ],
)  # fmt: skip
def test_what_has_no_total_order_is_refused(kernel, language, key, said):
    with pytest.raises(InputError, match=said):
        emit(kernel, language, TOTAL, key=key)


@pytest.mark.parametrize("items", [{"argsort": True}, {"compare": True}, {"payload": "uint32_t"}])
def test_an_order_of_bare_keys_takes_nothing_else(items):
    with pytest.raises(InputError, match="one of bare keys"):
        Items(order="total", **items)
    with pytest.raises(InputError, match="unknown order"):
        Items(order="ieee")


def test_integers_stand_for_numbers_as_signed_ones_whatever_the_kernel_read():
    kernel = lower(best(2), X86_CMOV, signedness=Signedness.UNSIGNED)
    assert "cmova" not in emit(kernel, "c", TOTAL, key="float32")
