"""Emitted code, compiled by the machine's compilers and run on all weak orders and random keys."""

import importlib.util
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from compiled import check, compiler, expected_rows, keys_of, main_in_c, run, samples
from kernels_by_hand import (
    ALPHADEV3,
    ALPHADEV4,
    ALPHADEV5,
    FAILS_ON_TIES,
    IN_MEMORY3,
    MEDIAN3,
    MINMAX3,
    NETWORK8,
    SORT2,
    UNSIGNED2,
    network,
)
from toys import TOYS

from sortopt.emit import Provenance, emit
from sortopt.emit.header import proved
from sortopt.model import KEY_TYPES, Proved, build, key_type, parse_goal
from sortopt.model.orders import parse_precondition
from sortopt.networks import best, lower
from sortopt.targets import X86_CMOV, X86_MINMAX
from sortopt.verify import verify

KERNELS = {
    "sort2": SORT2,
    "unsigned2": UNSIGNED2,
    "alphadev3": ALPHADEV3,
    "alphadev4": ALPHADEV4,
    "alphadev5": ALPHADEV5,
    "network8": NETWORK8,
    "memory3": IN_MEMORY3,
    "median_of3": MEDIAN3,
    "minmax3": MINMAX3,
    "without_b": build(
        X86_CMOV,
        [(X86_CMOV.form("cmp"), ("eax", "edx")), (X86_CMOV.form("cmovg"), ("eax", "edx"))],
        inputs=("eax", "ecx", "edx"),
        outputs=("eax",),
        goal=parse_goal("min"),
        assume=parse_precondition("a <= b"),
    ),
    "given3": ALPHADEV3.assuming(parse_precondition("b<c")),
}
CASES = [
    (kernel, key, f"{name}_{key}")
    for name, kernel in KERNELS.items()
    for key in (keys_of(kernel) if kernel.n < 8 else ["int32"])  # eight keys tie in many ways
]
PORTABLE = [
    *CASES,
    *(
        (lower(best(3), toy), key, f"{toy.name.replace('-', '_')}_{key}")
        for toy in TOYS
        for key in keys_of(lower(best(3), toy))
    ),
]
"""The same, and kernels of instruction sets without assembly."""
STRICT = ["-Wall", "-Wextra", "-Werror", "-pedantic"]


@cache
def proof_of(kernel):
    return proved(kernel, Provenance())


@cache
def emitted(kernel, target, name, key):
    return emit(kernel, target, name=name, key=key, provenance=proof_of(kernel))


def write(folder, target, suffix, cases=CASES):
    """Write every case's emission to `folder` and return the includes."""
    for kernel, key, name in cases:
        (folder / f"{name}{suffix}").write_text(emitted(kernel, target, name, key))
    return "".join(f'#include "{name}{suffix}"\n' for _, _, name in cases)


@pytest.mark.parametrize(
    "flags",
    [["-std=c99", "-O0"], ["-std=c11", "-O2"], ["-std=gnu11", "-O3", "-masm=intel"]],
    ids=" ".join,
)
def test_c_sorts_all_weak_orders_and_random_keys(tmp_path, flags):
    (tmp_path / "main.c").write_text(write(tmp_path, "c", ".h") + main_in_c(CASES))
    run(["gcc", *STRICT, *flags, "main.c", "-o", "main"], cwd=tmp_path)
    check(tmp_path / "main", CASES)


def test_the_check_itself_finds_a_kernel_that_fails_on_ties(tmp_path):
    wrong = [(FAILS_ON_TIES, "int32", "wrong3")]
    forged = replace(verify(FAILS_ON_TIES), verdict=Proved())
    text = emit(FAILS_ON_TIES, "c", name="wrong3", provenance=Provenance(judgement=forged))
    (tmp_path / "main.c").write_text(text + main_in_c(wrong))
    run(["gcc", "-O1", "main.c", "-o", "main"], cwd=tmp_path)
    with pytest.raises(AssertionError):
        check(tmp_path / "main", wrong)


def test_plain_form_in_c_sorts_all_weak_orders_and_random_keys(tmp_path):
    plain = [(kernel, key, f"{name}_plain") for kernel, key, name in CASES]
    (tmp_path / "main.c").write_text(write(tmp_path, "c", ".h") + main_in_c(plain))
    unused = ["-Wno-unused-function"]
    run(["gcc", "-std=c99", "-O2", *STRICT, *unused, "main.c", "-o", "main"], cwd=tmp_path)
    check(tmp_path / "main", plain)


def test_c_output_is_valid_cpp(tmp_path):
    (tmp_path / "main.cpp").write_text(write(tmp_path, "c", ".h") + main_in_c(CASES))
    run(["g++", "-std=c++11", "-O1", *STRICT, "main.cpp", "-o", "main"], cwd=tmp_path)
    check(tmp_path / "main", CASES)


def test_cpp_template_sorts_all_weak_orders_and_random_keys(tmp_path):
    included = write(tmp_path, "cpp", ".hpp", PORTABLE)
    (tmp_path / "main.cpp").write_text(included + main_in_c(PORTABLE))
    run(["g++", "-std=c++11", "-O2", *STRICT, "main.cpp", "-o", "main"], cwd=tmp_path)
    check(tmp_path / "main", PORTABLE)


def test_cpp_template_takes_a_comparison_and_any_key(tmp_path):
    (tmp_path / "n.hpp").write_text(emit(network("12", "23", "12"), "cpp", name="sorted"))
    (tmp_path / "a.hpp").write_text(emit(ALPHADEV3, "cpp", name="integers"))
    (tmp_path / "main.cpp").write_text(
        """
        #include "n.hpp"
        #include "a.hpp"
        #include <string>
        #include <vector>
        struct Record { int key; char tag; };
        int main() {
            std::vector<std::string> words = {"pear", "fig", "apple"};
            sorted(words.begin(), [](const std::string &a, const std::string &b) {
                return a.size() < b.size(); });
            Record r[3] = {{1, 'x'}, {1, 'y'}, {0, 'z'}};
            sorted(r, [](const Record &a, const Record &b) { return a.key < b.key; });
            long k[3] = {5, 9, 7};
            integers(k, std::greater<long>());
            bool ok = words[0] == "fig" && words[2] == "apple" && r[0].tag == 'z'
                && r[1].tag == 'x' && r[2].tag == 'y' && k[0] == 9 && k[1] == 7 && k[2] == 5;
            return ok ? 0 : 1;
        }"""
    )
    run(["g++", "-std=c++14", *STRICT, "main.cpp", "-o", "main"], cwd=tmp_path)
    run([str(tmp_path / "main")])


@pytest.mark.parametrize("target", ["asm-intel", "asm-att"])
def test_assembly_sorts_all_weak_orders_and_random_keys(tmp_path, target):
    declared = "#include <stdint.h>\n"
    cases = [case for case in CASES if KEY_TYPES[case[1]].bits in case[0].isa.assembly.loads]
    for kernel, key, name in cases:
        whole = len(kernel.contract.outputs) == kernel.n
        parameters = f"{key}_t *keys" if whole else f"const {key}_t *keys, {key}_t *out"
        declared += f"void {name}({parameters});\n"
    text = "".join(emitted(kernel, target, name, key) for kernel, key, name in cases)
    (tmp_path / "kernels.s").write_text(text)
    (tmp_path / "main.c").write_text(declared + main_in_c(cases))
    run(["gcc", "-O2", *STRICT, "main.c", "kernels.s", "-o", "main"], cwd=tmp_path)
    check(tmp_path / "main", cases)


def test_assembly_keeps_the_callee_saved_registers(tmp_path):
    (tmp_path / "kernels.s").write_text(emit(NETWORK8, "asm-intel", name="sort8"))
    (tmp_path / "main.c").write_text(
        """
        int main(void) {
            int keys[8] = {8, 7, 6, 5, 4, 3, 2, 1};
            long before[6] = {11, 12, 13, 14, 15, 16}, after[6] = {0};
            __asm__ volatile(
                "push %%rbp\\n mov %0, %%rax\\n push %1\\n"
                "mov (%%rax), %%rbx\\n mov 8(%%rax), %%rbp\\n mov 16(%%rax), %%r12\\n"
                "mov 24(%%rax), %%r13\\n mov 32(%%rax), %%r14\\n mov 40(%%rax), %%r15\\n"
                "call sort8\\n pop %%rax\\n"
                "mov %%rbx, (%%rax)\\n mov %%rbp, 8(%%rax)\\n mov %%r12, 16(%%rax)\\n"
                "mov %%r13, 24(%%rax)\\n mov %%r14, 32(%%rax)\\n mov %%r15, 40(%%rax)\\n"
                "pop %%rbp\\n"
                : : "S"(before), "d"(after), "D"(keys)
                : "rax", "rbx", "rcx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
                  "memory", "cc");
            for (int i = 0; i < 6; i++) if (after[i] != before[i]) return 1 + i;
            for (int i = 0; i < 8; i++) if (keys[i] != i + 1) return 10 + i;
            return 0;
        }"""
    )
    flags = ["-O1", "-mno-red-zone", "-fno-pie", "-no-pie"]
    run(["gcc", *flags, "main.c", "kernels.s", "-o", "main"], cwd=tmp_path)
    run([str(tmp_path / "main")])


def test_min_max_kernel_sorts_four_groups_at_once(tmp_path):
    (tmp_path / "m.h").write_text(emit(MINMAX3, "c", name="sort3"))
    (tmp_path / "main.c").write_text(
        """
        #include "m.h"
        int main(void) {
            int32_t k[3][4] = {{3, 1, 2, -5}, {2, 2, 2, 7}, {1, 3, 1, -9}};
            const int32_t want[3][4] = {{1, 1, 1, -9}, {2, 2, 2, -5}, {3, 3, 2, 7}};
            sort3_x4(k);
            for (int i = 0; i < 12; i++) if (k[i / 4][i % 4] != want[i / 4][i % 4]) return 1;
            return 0;
        }"""
    )
    run(["gcc", "-std=c99", "-O2", *STRICT, "main.c", "-o", "main"], cwd=tmp_path)
    run([str(tmp_path / "main")])


@pytest.mark.parametrize(("goal", "key"), [("sort", "int32"), ("median", "uint8")])
def test_min_max_kernel_sorts_columns_of_rows_of_any_length(tmp_path, goal, key):
    """A block of a register's lanes, or none, and what is left over; beyond, nothing is written."""
    signedness = key_type(key).signedness
    kernel = lower(best(3), X86_MINMAX, goal=parse_goal(goal), signedness=signedness)
    (tmp_path / "m.h").write_text(emit(kernel, "c", name="rows3", key=key))
    (tmp_path / "main.c").write_text(
        """
        #include "m.h"
        #include <stdlib.h>
        static int compare(const void *x, const void *y) {
            KEY a = *(const KEY *)x, b = *(const KEY *)y;
            return (a > b) - (a < b);
        }
        int main(void) {
            static KEY before[3][64], rows[3][64];
            for (size_t count = 0; count < 40; count++) {
                for (size_t i = 0; i < 192; i++)
                    rows[i / 64][i % 64] = before[i / 64][i % 64] = (KEY)(rand() / 7);
                CALL
                for (size_t g = 0; g < 64; g++) {
                    KEY group[3] = {before[0][g], before[1][g], before[2][g]};
                    if (g < count) qsort(group, 3, sizeof(KEY), compare);
                    for (int i = FIRST; i < LAST; i++) if (rows[i][g] != group[i]) return 1;
                }
            }
            return 0;
        }"""
    )
    into = {
        "sort": "KEY *const all[3] = {rows[0], rows[1], rows[2]}; rows3_rows(all, count);",
        "median": "const KEY *const all[3] = {rows[0], rows[1], rows[2]};"
        "KEY *const out[1] = {rows[1]}; rows3_rows(all, out, count);",
    }[goal]
    first, last = (0, 3) if goal == "sort" else (1, 2)
    words = [f"-DKEY={key}_t", f"-DCALL={into}", f"-DFIRST={first}", f"-DLAST={last}"]
    run(["gcc", "-std=c99", "-O2", *STRICT, *words, "main.c", "-o", "main"], cwd=tmp_path)
    run([str(tmp_path / "main")])


def rust_main():
    """Return a Rust main that applies function number argv[1] to the groups on stdin."""
    arms = []
    for number, (kernel, key, name) in enumerate(CASES * 2):
        kind = key.replace("uint", "u").replace("int", "i")
        size, n, outputs = KEY_TYPES[key].bytes, kernel.n, len(kernel.contract.outputs)
        generic = number >= len(CASES)
        called = f"{name}::{name}{'_by' if generic else ''}"
        less = ", |a, b| a < b" if generic else ""
        if outputs == n:
            call = f"{called}(&mut k{less}); let o = k;"
        else:
            call = f"let mut o = [0 as {kind}; {outputs}]; {called}(&k, &mut o{less});"
        if "minmax" in name and not generic:
            call = f"unsafe {{ {called}(&mut k); }} let o = k;"
        arms.append(
            f"{number} => for group in data.chunks_exact({n * size}) {{\n"
            f"    let mut k = [0 as {kind}; {n}];\n"
            f"    for (i, b) in group.chunks_exact({size}).enumerate() {{\n"
            f"        k[i] = {kind}::from_le_bytes(b.try_into().unwrap()); }}\n"
            f"    {call}\n    for v in o {{ out.extend_from_slice(&v.to_le_bytes()); }}\n}},\n"
        )
    modules = "".join(f"mod {name};\n" for _, _, name in CASES)
    return (
        f"#![deny(warnings)]\n#![allow(dead_code, unused_mut)]\n{modules}"
        "use std::io::{Read, Write};\nfn main() {\n"
        "    let mut data = Vec::new();\n    let mut out = Vec::new();\n"
        "    std::io::stdin().read_to_end(&mut data).unwrap();\n"
        "    match std::env::args().nth(1).unwrap().parse::<u32>().unwrap() {\n"
        f"{''.join(arms)}    _ => panic!(),\n    }}\n"
        "    std::io::stdout().write_all(&out).unwrap();\n}\n"
    )


@pytest.mark.skipif(compiler("rustc") is None, reason="no Rust compiler on this machine")
@pytest.mark.parametrize("level", ["0", "3"])
def test_rust_sorts_all_weak_orders_and_random_keys(tmp_path, level):
    write(tmp_path, "rust", ".rs")
    (tmp_path / "main.rs").write_text(rust_main())
    flags = ["--edition=2021", f"-Copt-level={level}"]
    run(["rustc", *flags, "main.rs", "-o", "main"], cwd=tmp_path)
    check(tmp_path / "main", CASES * 2)


def load(path):
    """Import a Python file."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "name",
    ["alphadev3_int64", "network8_int32", "median_of3_int64", "minmax3_int32",
     "toy_minmax_uint64", "toy_select_int32"],
)  # fmt: skip
def test_python_sorts_all_weak_orders_and_random_keys(tmp_path, name):
    ((kernel, key, _),) = (case for case in PORTABLE if case[2] == name)
    path = tmp_path / f"{name}.py"
    path.write_text(emitted(kernel, "python", name, key))
    rows = samples(kernel, KEY_TYPES[key])
    function = getattr(load(path), f"{name}_rows")
    out = rows.copy()
    if len(kernel.contract.outputs) == kernel.n:
        function(out)
    else:
        out = np.zeros((len(rows), len(kernel.contract.outputs)), key)
        function(rows, out)
    assert np.array_equal(out, expected_rows(kernel, rows))
