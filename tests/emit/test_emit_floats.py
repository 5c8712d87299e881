"""Emitted C of floating-point keys, compiled: assembly, plain form and lanes move the same bits."""

from itertools import product

import numpy as np
import pytest
from compiled import compiler, run, skip_unless_run_here
from places import KERNELS

from sortopt.api import sort_library
from sortopt.base import InputError
from sortopt.emit import Items, emit
from sortopt.formats import read
from sortopt.model import FLOAT_TYPES, Goal, Rung, build, parse_precondition
from sortopt.native import execute
from sortopt.networks import best, lower
from sortopt.targets import ISAS, X86_FLOAT
from sortopt.verify import verify

KEPT = KERNELS / "float" / "sort3-len9-depth5-safe.asm"
LOST = KERNELS / "float" / "sort2-len3-depth2-lost.asm"
MAIN = """
#include <stdio.h>
int main(void)
{{
    {key} rows[4][{n}], lanes[{n}][{lanes}], plain[{n}];
    while (fread(rows, sizeof rows, 1, stdin) == 1) {{
        for (int g = 0; g < {lanes}; g++)
            for (int i = 0; i < {n}; i++) lanes[i][g] = rows[g][i];
        sorted_x{lanes}(lanes);
        for (int g = 0; g < {lanes}; g++) {{
            for (int i = 0; i < {n}; i++) plain[i] = rows[g][i];
            sorted_plain(plain);
            sorted(rows[g]);
            fwrite(rows[g], sizeof plain, 1, stdout);
            fwrite(plain, sizeof plain, 1, stdout);
            for (int i = 0; i < {n}; i++) fwrite(&lanes[i][g], sizeof **lanes, 1, stdout);
        }}
    }}
    return 0;
}}
"""


@pytest.mark.parametrize("path", [KEPT, LOST], ids=lambda path: path.stem)
def test_all_forms_in_c_move_the_bits_that_the_kernel_does(tmp_path, path):
    skip_unless_run_here(X86_FLOAT)
    kernel = read(path).kernel
    n, lanes = kernel.n, 4
    text = emit(kernel, "c", name="sorted") + MAIN.format(key="float", n=n, lanes=lanes)
    (tmp_path / "main.c").write_text(text)
    strict = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-Wno-unused-function"]
    run(["gcc", "-std=c99", "-O2", *strict, "main.c", "-o", "main"], cwd=tmp_path)
    positive = [0, 1, 0x3F800000, 0x7F800000, 0x7F800001, 0x7FC00001]
    patterns = positive + [bits | 1 << 31 for bits in positive]
    rows = np.array([*product(patterns, repeat=n)], np.uint32)
    wanted = execute(kernel, rows.view(np.float32)).view(np.uint32)
    out = run([str(tmp_path / "main")], input=rows.tobytes())
    assert (np.frombuffer(out, np.uint32).reshape(-1, 3, n) == wanted[:, None]).all()


def test_what_is_said_of_nan_is_what_is_proved():
    assert "NaN:          every key leaves, bit for bit" in emit(read(KEPT).kernel, "c")
    assert "NaN:          not allowed: a key may be lost then" in emit(read(LOST).kernel, "c")
    for name, key in FLOAT_TYPES.items():
        kernel = lower(best(2), X86_FLOAT)
        if key.bits == 32:
            assert f"sort2({key.c_name} keys[2])" in emit(kernel, "c", key=name)


@pytest.mark.skipif(compiler("rustc") is None, reason="no Rust compiler on this machine")
def test_rust_takes_keys_into_vectors(tmp_path):
    lines = [emit(lower(best(2), X86_FLOAT), "rust", name=k, key=k) for k in FLOAT_TYPES]
    (tmp_path / "lib.rs").write_text("\n".join(lines))
    run(["rustc", "--edition=2021", "--crate-type=lib", "--emit=metadata", "lib.rs"], cwd=tmp_path)


def test_nothing_is_said_of_nan_where_keys_are_integers():
    copies = build(X86_FLOAT, [], inputs=("xmm0", "xmm1"), outputs=("xmm1",), goal=Goal("max"))
    given = copies.assuming(parse_precondition("a <= b"))
    assert "NaN:" in emit(given, "c").split()
    assert not {"NaN:", "NaN", "floating-point"} & set(emit(given, "c", key="int32").split())


def test_a_comparator_that_may_lie_takes_no_kernel_of_numbers():
    with pytest.raises(InputError, match="what it keeps is proved for floating-point numbers"):
        emit(read(KEPT).kernel, "cpp", Items(compare=True))


@pytest.mark.parametrize("isa", ["aarch64-float", "aarch64-float-nm"])
def test_no_payload_follows_a_minimum_that_hands_on_a_number(isa):
    """Of keys that tie either may be meant, and in other languages one zero is another."""
    kernel = lower(best(2), ISAS[isa])
    assert verify(kernel.keeping(Rung.ELEMENTS)).proved
    for items in (Items(payload="uint32_t"), Items(argsort=True)):
        with pytest.raises(InputError, match="no payload can follow"):
            emit(kernel, "c", items)
    assert "ties:         not known" in emit(kernel.keeping(Rung.ELEMENTS), "c")
    with pytest.raises(InputError, match="minima and maxima keep no elements"):
        sort_library("2", isa=isa, key="float32", keep="elements")
