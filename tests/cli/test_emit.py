"""`sortopt emit` and `sortopt sort-library`: what they write, and what they refuse."""

import json
import os
import re

import naive
import numpy as np
import pytest
from compiled import run
from kernels_by_hand import ALPHADEV3, FAILS_ON_TIES, MEDIAN3, NETWORK8, SORT2, UNSIGNED2
from places import KERNELS, ROOT

from sortopt import api
from sortopt.base import Budget
from sortopt.base.errors import InputError, LimitReached
from sortopt.cli import app
from sortopt.cli.emit import TARGETS
from sortopt.emit import TARGETS as EMITTERS
from sortopt.emit import Provenance, languages
from sortopt.emit.library import emit_library
from sortopt.formats import print_kernel
from sortopt.model import KEY_TYPES, key_type
from sortopt.model.orders import parse_precondition
from sortopt.model.verdict import Proved, Unknown
from sortopt.targets import X86_MINMAX
from sortopt.tasks import branchless, candidates, choose
from sortopt.verify import judge

SORT3 = str(KERNELS / "alphadev" / "sort3.asm")
AARCH64 = str(KERNELS / "found" / "aarch64" / "sort3-len9-depth5.s")
RISCV = str(KERNELS / "found" / "riscv" / "sort3-len6-depth3.s")
REFUTED = str(KERNELS / "claim" / "shown.asm")


def sortopt(capsys, *arguments):
    """Run the command line; return status, stdout, stderr."""
    status = app.run([str(a) for a in arguments])
    return status, *capsys.readouterr()


# emit


def test_options_offer_exactly_the_targets_and_key_types_there_are():
    assert tuple(EMITTERS) == TARGETS
    assert KEY_TYPES.keys() == api.KEY_TYPES.keys()


@pytest.mark.parametrize("target", TARGETS)
def test_emit_prints_the_proved_kernel(capsys, target):
    kernel = {"asm-aarch64": AARCH64, "asm-riscv": RISCV}.get(target, SORT3)
    status, text, said = sortopt(capsys, "emit", kernel, "--to", target)
    assert (status, said) == (0, "")
    assert "proved for all keys, equal ones included, by weak orders and z3" in text
    assert "sort3" in text


def test_a_target_of_another_machine_is_refused_with_those_that_fit(capsys):
    status, text, said = sortopt(capsys, "emit", SORT3, "--to", "asm-riscv")
    assert (status, text) == (2, "")
    assert said.endswith("use asm-intel or asm-att\n")


def test_emit_writes_a_file_once_and_again_only_with_force(capsys, tmp_path):
    target = tmp_path / "s.h"
    command = ["emit", SORT3, "--to", "c", "-o", target]
    status, text, said = sortopt(capsys, *command)
    assert (status, text) == (0, "")
    assert said.startswith(f"wrote {target}: proved for all inputs")
    status, _, said = sortopt(capsys, *command, "--name", "second_name")
    assert status == 2
    assert said == f"error: {target} exists; choose another name, or overwrite it: --force\n"
    assert "second_name" not in target.read_text()
    status, _, _ = sortopt(capsys, *command, "--name", "second_name", "--force")
    assert status == 0
    assert "second_name" in target.read_text()
    assert os.listdir(tmp_path) == ["s.h"]


def test_emit_prints_one_json_object(capsys, tmp_path):
    status, text, _ = sortopt(capsys, "emit", SORT3, "--to", "rust", "--json")
    record = json.loads(text)
    assert (status, record["verdict"], record["target"]) == (0, "proved", "rust")
    assert "pub fn sort3" in record["text"]
    target = tmp_path / "s.rs"
    status, text, _ = sortopt(capsys, "emit", SORT3, "--to", "rust", "--json", "-o", target)
    assert json.loads(text)["output"] == str(target)
    assert target.read_text() == record["text"]


def test_a_refuted_kernel_is_not_written(capsys, tmp_path):
    target = tmp_path / "s.h"
    status, text, said = sortopt(capsys, "emit", REFUTED, "--to", "c", "-o", target)
    assert (status, text) == (1, "")
    assert said.startswith("nothing written: ")
    assert "refuted" in said
    assert not target.exists()
    status, text, _ = sortopt(capsys, "emit", REFUTED, "--to", "c", "--json")
    record = json.loads(text)
    assert (status, record["verdict"], record["text"]) == (1, "refuted", None)


def test_a_kernel_that_could_not_be_proved_is_not_written(capsys):
    status, text, said = sortopt(capsys, "emit", SORT3, "--to", "c", "--timeout", "1e-9")
    assert (status, text) == (3, "")
    assert "unknown" in said


def test_a_precondition_is_told_in_the_header(capsys):
    _, text, _ = sortopt(capsys, "emit", REFUTED, "--to", "c", "--assume", "b<=c")
    assert "// precondition: b <= c; the caller must see to it, it is not checked" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["emit", SORT3], "missing option '--to'"),
        (["emit", SORT3, "--to", "cobol"], "'cobol' is not one of"),
        (["emit", SORT3, "--to", "c", "--name", "int"], "'int' cannot name a function"),
        (["emit", SORT3, "--to", "c", "-o", "/nowhere/s.h"], "cannot write /nowhere/s.h"),
        (["emit", SORT3, "--to", "c", "-o", "/dev/full"], "/dev/full: No space left on device"),
        (["emit", SORT3, "--to", "c", "-o", str(ROOT)], "is a folder; name a file in it"),
        (["emit", "no-such.asm", "--to", "c"], "no-such.asm"),
        (["sort-library", "--n", "2..9"], "'2..9' is out of range; a library holds"),
        (["sort-library", "--n", "five"], "'five' names no numbers of keys; write 2..8"),
        (["sort-library", "--n", "3", "--name", "2x"], "'2x' cannot name a function"),
        (["sort-library", "--n", "3", "--kernels", "/nowhere"], "/nowhere is no folder"),
        (["sort-library", "--n", "3", "--isa", "x86-minmax", "--key", "int64"], "32-bit keys"),
        (["sort-library", "--n", "3", "-o", "/dev/full"], "No space left on device"),
    ],
)  # fmt: skip
def test_bad_input_is_one_clear_line(capsys, arguments, message):
    status, text, said = sortopt(capsys, *arguments)
    assert status == 2
    assert text == ""
    assert message in said.splitlines()[-1]
    assert "Traceback" not in said


def test_emit_is_a_function_of_the_package():
    import sortopt

    assert sortopt.emit(ALPHADEV3, "c") == languages.emit(ALPHADEV3, "c")


# Choosing the kernels of a library


@pytest.fixture
def folder(tmp_path):
    """A folder with kernels for two and three keys, right and wrong."""
    (tmp_path / "three").mkdir()
    given = ALPHADEV3.assuming(parse_precondition("b<c"))
    for name, kernel in {
        "three/alphadev": ALPHADEV3,
        "three/fails": FAILS_ON_TIES,
        "three/given": given.with_instructions(given.instructions[:-1]),
        "three/median": MEDIAN3,
        "two": SORT2,
    }.items():
        (tmp_path / f"{name}.asm").write_text(print_kernel(kernel))
    (tmp_path / "broken.asm").write_text("; inputs: eax\nfrobnicate eax")
    (tmp_path / "notes.txt").write_text("no kernel")
    return tmp_path


def test_sizes_are_read_as_ranges_and_lists():
    assert choose.parse_sizes("2..8") == (2, 3, 4, 5, 6, 7, 8)
    assert choose.parse_sizes(" 5, 3..4 ,3") == (3, 4, 5)


@pytest.mark.parametrize("text", ["", "1", "9", "8..2", "2..", "..3", "2-3", "2..99999", "²", "3,"])
def test_other_sizes_are_refused(text):
    with pytest.raises(InputError):
        choose.parse_sizes(text)


def test_the_shortest_proved_kernel_is_chosen_and_a_network_where_there_is_none(folder):
    passed_over = []
    two, three, four = choose.choose((2, 3, 4), [folder], passed_over)
    assert print_kernel(three.kernel) == print_kernel(ALPHADEV3)
    assert three.found == "alphadev.asm"
    assert (two.n, len(two.kernel), two.found) == (2, 4, "two.asm")
    assert (len(four.kernel), four.found) == (20, "best network, 5 comparators")
    assert three.why == "the network takes 12"
    assert two.why == "as short as the network"
    assert all(chosen.judgement.verdict == Proved() for chosen in (two, three, four))
    assert any("broken.asm" in line for line in passed_over)


def test_a_refuted_kernel_is_passed_over_and_named(folder):
    shorter = FAILS_ON_TIES.with_instructions(FAILS_ON_TIES.instructions[:-1])
    (folder / "short.asm").write_text(print_kernel(shorter))
    passed_over = []
    (three,) = choose.choose((3,), [folder], passed_over)
    assert print_kernel(three.kernel) == print_kernel(ALPHADEV3)
    assert any("short.asm is refuted" in line for line in passed_over)


def test_all_shortest_kernels_of_a_folder_are_found(folder):
    (folder / "again.asm").write_text(print_kernel(ALPHADEV3))
    found = candidates.shortest(3, folder)
    assert [path.name for path, _ in found] == ["again.asm", "alphadev.asm", "fails.asm"]
    assert candidates.shortest(7, folder) == ()


def test_the_fastest_is_one_of_those_that_fit_in_some_order(folder):
    (two,) = choose.choose((2,), [folder], [], timed=key_type("int64"))
    assert two.judgement.verdict == Proved()
    assert two.n == 2
    assert re.fullmatch(r"[\d.]+ ns a sort here, the fastest of \d+", two.why)
    assert two.found.startswith(("two.asm", "best network, 1 comparator"))
    library = choose.choose_library("2", folder, key="int8", rank="measured")
    assert library.chosen[0].kernel.memory_moves == 0  # keys of 8 bits are not compared in memory
    assert "sort_small" in library.text


def test_only_kernels_that_run_here_are_timed_and_by_values(folder):
    with pytest.raises(InputError, match="not timed here"):
        choose.choose_library("2", folder, isa="riscv", key="int64", rank="measured")
    with pytest.raises(InputError, match="by values alone"):
        choose.choose_library("2", folder, keep="stable", rank="measured")
    with pytest.raises(InputError, match="use length or measured"):
        choose.choose_library("2", folder, rank="beauty")


def test_min_max_kernels_are_chosen_apart(folder):
    (three,) = choose.choose((3,), [folder], [], isa=X86_MINMAX)
    assert three.kernel.isa is X86_MINMAX
    assert len(three.kernel) == 9


def test_a_library_of_numbers_takes_kernels_that_keep_each_where_they_are_as_short():
    library = choose.choose_library("2..4", key="float64")
    assert [len(c.kernel) for c in library.chosen] == [3, 8, 15]
    assert all("safe" in c.found for c in library.chosen)
    assert "static inline int sort_small(double *keys, size_t n)" in library.text
    kept = choose.choose_library("3", key="float32", isa="x86-minmax", keep="safe")
    assert kept.chosen[0].kept.proved
    with pytest.raises(InputError, match="x86-cmov has no instructions that sort float32 keys"):
        choose.choose_library("3", key="float32", isa="x86-cmov")
    with pytest.raises(InputError, match="keep no sequence"):
        choose.choose_library("3", key="float32", keep="stable")


def test_a_proof_that_does_not_end_is_no_proof(folder):
    with pytest.raises(LimitReached, match="time limit"):
        choose.choose((3,), [folder], [], budget=Budget(1e-9))


# The library


def entry(kernel):
    return kernel, Provenance(judgement=None)


def test_a_library_refuses_two_kernels_of_one_size_and_preconditions():
    with pytest.raises(InputError, match="two kernels sort the same number of keys"):
        emit_library([entry(SORT2), entry(UNSIGNED2)], KEY_TYPES["int32"])
    with pytest.raises(InputError, match="does not sort every input"):
        emit_library([entry(MEDIAN3)], KEY_TYPES["int32"])


def test_the_command_writes_a_library_and_lists_its_kernels(capsys, folder, tmp_path):
    target = tmp_path / "lib.h"
    status, text, said = sortopt(
        capsys, "sort-library", "--n", "2,3", "--kernels", folder, "-o", target
    )
    assert (status, text) == (0, "")
    assert "n = 3: 11 instructions, proved, alphadev.asm" in said
    assert target.read_text().count("// verdict:      proved") == 2


def test_kernels_found_are_taken_in_whatever_folder_one_is(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = sortopt(capsys, "sort-library", "--n", "3,5", "-o", "lib.h")[2]
    assert [line.split(": ")[1] for line in said.splitlines()[-2:]] == [
        "11 instructions, proved, sort3-len11-depth5.asm (the network takes 12)",
        "32 instructions, proved, sort5-len32-depth16.asm (the network takes 36)",
    ]


def test_the_command_prints_one_json_object(capsys, folder):
    status, text, _ = sortopt(
        capsys, "sort-library", "--n", "2,3", "--kernels", folder, "--json", "--key", "uint64"
    )
    record = json.loads(text)
    assert status == 0
    assert [(k["n"], k["length"], k["verdict"]) for k in record["kernels"]] == [
        (2, 4, "proved"), (3, 11, "proved"),
    ]  # fmt: skip
    assert "uint64_t" in record["text"]


@pytest.mark.parametrize(
    ("keep", "lengths", "said"),
    [
        ("elements", [4, 11, 20], "but keys that compare equal and differ are all kept"),
        ("stable", [4, 11, 20], "stable: keys that compare equal keep their order"),
        ("safe", [4, 12, 20], "whatever the comparisons answer, the keys that come out are"),
    ],
)
def test_a_library_holds_the_shortest_kernels_known_on_a_rung_and_says_so(keep, lengths, said):
    library = api.sort_library("2..4", keep=keep)
    assert [len(entry.kernel) for entry in library.chosen] == lengths
    for entry in library.chosen:
        assert not naive.breaks(entry.kernel, keep)
        assert entry.kept.decisive == ("weak orders", "z3")
    assert library.passed_over == ()
    assert said in library.text
    assert ("the comparisons answer" in library.text) == (keep == "safe")


def test_what_lacks_the_rung_is_never_taken(capsys, tmp_path):
    (tmp_path / "short.asm").write_text(print_kernel(ALPHADEV3))
    said = sortopt(capsys, "sort-library", "--n", "3", "--kernels", tmp_path, "--keep", "stable")
    assert said[0] == 0
    assert "11 instructions, proved, stable by weak orders and z3, insertion sort (no" in said[2]
    status, _, said = sortopt(
        capsys, "sort-library", "--n", "3", "--keep", "safe", "--isa", "x86-minmax"
    )
    assert status == 2
    assert "minima and maxima keep no elements" in said


def test_a_proof_that_is_out_of_time_is_not_named_in_the_header(monkeypatch):
    asked = judge.RUNG_PROOFS | {"z3": lambda *_: Unknown("out of time")}
    monkeypatch.setattr(judge, "RUNG_PROOFS", asked)
    text = " ".join(api.sort_library("4", keep="stable").text.replace("//", "").split())
    assert "keys that compare equal keep their order; proved, by weak orders verdict:" in text
    monkeypatch.setattr(judge, "RUNG_PROOFS", dict.fromkeys(asked, asked["z3"]))
    with pytest.raises(LimitReached, match="no kernel of 4 keys is proved stable: the insertion"):
        api.sort_library("4", keep="stable")


DISPATCH = """
#include "lib.h"
#include "lib.h"
#include <stdio.h>
int main(void) {
    uint64_t state = 88172645463325252u;
    for (int round = 0; round < 200000; round++) {
        KEY k[10], sum = 0;
        const size_t n = (size_t)round % 11;
        for (size_t i = 0; i < 10; i++) {
            state ^= state << 13; state ^= state >> 7; state ^= state << 17;
            k[i] = (KEY)(round & 1 ? state % 3 : state);
        }
        for (size_t i = 0; i < n; i++) sum += k[i];
        const int done = sort_small(k, n);
        if (done != (n <= 8)) return 1;
        if (!done) continue;
        for (size_t i = 0; i < n; i++) sum -= k[i];
        if (sum != 0) return 2;
        for (size_t i = 1; i < n; i++) if (k[i] < k[i - 1]) return 3;
    }
    return 0;
}
"""


@pytest.mark.parametrize("key", ["int32", "uint64"])
@pytest.mark.parametrize(
    "command", [["gcc", "-std=c99"], ["g++", "-std=c++11", "-x", "c++"]], ids=["c", "c++"]
)
def test_the_library_is_self_contained_and_its_dispatcher_sorts(tmp_path, command, key):
    (tmp_path / "lib.h").write_text(api.sort_library("2..8", KERNELS, key=key).text)
    (tmp_path / "main.c").write_text(DISPATCH)
    flags = ["-O2", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function", "-fwrapv"]
    run([*command, *flags, f"-DKEY={key}_t", "main.c", "-o", "main"], cwd=tmp_path)
    run([str(tmp_path / "main")])


QUICKSORT = """
#include "lib.h"
#include <stdio.h>
#include <stdlib.h>
static void quicksort(int32_t *k, size_t n) {
    while (!sort_small(k, n)) {
        int32_t pivot[3] = {k[0], k[n / 2], k[n - 1]};
        sort_small(pivot, 3);
        int32_t *i = k - 1, *j = k + n;
        for (;;) {
            do i++; while (*i < pivot[1]);
            do j--; while (pivot[1] < *j);
            if (i >= j) break;
            const int32_t t = *i; *i = *j; *j = t;
        }
        const size_t left = (size_t)(j - k) + 1;
        quicksort(k, left);
        k += left; n -= left;
    }
}
int main(void) {
    const size_t n = 10000000;
    int32_t *k = malloc(n * sizeof *k);
    if (!k || fread(k, sizeof *k, n, stdin) != n) return 1;
    quicksort(k, n);
    return fwrite(k, sizeof *k, n, stdout) == n ? 0 : 2;
}
"""


def test_a_small_quicksort_over_the_library_sorts_ten_million_keys(tmp_path):
    (tmp_path / "lib.h").write_text(api.sort_library("2..8", KERNELS).text)
    (tmp_path / "main.c").write_text(QUICKSORT)
    run(["gcc", "-O2", "main.c", "-o", "main"], cwd=tmp_path)
    keys = np.random.default_rng(5).integers(-(2**31), 2**31, 10_000_000).astype(np.int32)
    keys[::3] >>= 20  # many ties among them
    (tmp_path / "keys").write_bytes(keys.tobytes())
    with (tmp_path / "keys").open("rb") as source:
        out = run([str(tmp_path / "main")], stdin=source)
    assert np.array_equal(np.frombuffer(out, np.int32), np.sort(keys))


def test_the_library_of_eight_keys_holds_the_network_when_nothing_better_is_found():
    (eight,) = choose.choose((8,), (), [])
    assert len(eight.kernel) == len(NETWORK8) == 76


# What the compiler makes of the plain form


def test_the_compiler_keeps_sort3_free_of_branches_or_says_what_it_did_instead():
    kept = branchless.compile_plain(ALPHADEV3)
    assert kept.compiler
    if kept.branchless:
        assert kept.kernel.memory_moves == 6
        assert "kept the plain form free of branches" in str(kept)
    else:
        assert kept.reason


def compiler_that(monkeypatch, tmp_path, flags):
    """Let $CC be the machine's compiler with more flags."""
    script = tmp_path / "cc"
    script.write_text(f'#!/bin/sh\nexec gcc "$@" {flags}\n')
    script.chmod(0o755)
    monkeypatch.setenv("CC", str(script))


@pytest.mark.parametrize("key", ["int32", "uint64"])
def test_without_vector_stores_the_plain_form_is_proved_as_compiled(monkeypatch, tmp_path, key):
    compiler_that(monkeypatch, tmp_path, "-fno-tree-slp-vectorize")
    kept = branchless.compile_plain(ALPHADEV3, key)
    assert kept.branchless
    assert len(kept.kernel) - kept.kernel.memory_moves <= 12


def test_branches_in_the_compiled_form_are_told(monkeypatch, tmp_path):
    compiler_that(monkeypatch, tmp_path, "-O1 -fno-if-conversion -fno-if-conversion2")
    kept = branchless.compile_plain(ALPHADEV3)
    assert not kept.branchless
    assert "is no kernel" in str(kept)


def test_only_what_is_sorted_in_place_is_compiled(monkeypatch):
    with pytest.raises(InputError, match="sort in place"):
        branchless.compile_plain(MEDIAN3)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("CC", raising=False)
    with pytest.raises(InputError, match="there is no C compiler; install gcc"):
        branchless.compile_plain(SORT2)


def test_the_command_says_what_the_compiler_makes_of_it(capsys, monkeypatch, tmp_path):
    compiler_that(monkeypatch, tmp_path, "-fno-tree-slp-vectorize")
    status, _, said = sortopt(capsys, "emit", SORT3, "--to", "c", "--compiled")
    assert status == 0
    assert "kept the plain form free of branches: 1" in said
    _, text, _ = sortopt(capsys, "emit", SORT3, "--to", "c", "--compiled", "--json")
    assert json.loads(text)["compiled"]["branchless"] is True


# payloads and comparators

STABLE = str(KERNELS / "kept" / "sort3-len11-depth6-stable.asm")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--layout", "records"], "--layout has no effect without --payload"),
        (["--trust-comparator"], "--trust-comparator has no effect without --compare"),
        (["--argsort", "--compiled"], "--compiled is about keys alone"),
        (["--order", "total", "--compiled"], "--compiled is about keys alone"),
        (["--order", "total"], "one of floating-point keys, not of int32"),
        (["--payload", "int; x"], "'int; x' cannot be the type of a payload"),
    ],
)
def test_options_that_cannot_be_followed_are_refused(capsys, options, said):
    status, text, refusal = sortopt(capsys, "emit", STABLE, "--to", "c", *options)
    assert (status, text) == (2, "")
    assert said in refusal


def test_a_rung_that_is_lacking_is_a_refutation_with_the_way_out(capsys):
    status, text, said = sortopt(capsys, "emit", SORT3, "--to", "c", "--payload", "int")
    assert (status, text) == (1, "")
    assert "loses elements, on 1 1 1: a leaves twice, c never; sortopt repair" in said
    status, text, said = sortopt(capsys, "emit", STABLE, "--to", "rust", "--compare")
    assert (status, text) == (1, "")
    assert "not safe" in said
    assert "--keep safe looks for the fewest changes" in said


def test_a_contract_that_asks_for_more_is_kept(capsys):
    status, text, _ = sortopt(capsys, "emit", STABLE, "--to", "c", "--payload", "int", "--json")
    assert (status, json.loads(text)["keep"]) == (0, "stable")


def test_the_same_in_python():
    kernel = api.load(STABLE)
    text = api.emit(kernel, "c", payload="uint32_t", layout="records")
    assert "struct sort3_record {\n    int32_t key;\n    uint32_t payload;\n};" in text
    assert "argsort3(const int32_t keys[3], uint32_t places[3])" in api.emit(
        kernel, "c", argsort=True
    )
