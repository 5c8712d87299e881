"""The options of `verify` and `repair` end to end: what is printed, written, and answered."""

import itertools
import json
import os
import re
import time
from pathlib import Path

import pytest
from assembled import ASSEMBLY, inline_c
from places import ROOT

from sortopt.base import ExitCode
from sortopt.cli.app import run
from sortopt.formats import parse
from sortopt.native.assembler import assemble
from sortopt.verify import verify

SORT3 = "kernels/alphadev/sort3.asm"
TIES = "kernels/cgo25/sort3-len11-depth6.cgo"
SHORT = "kernels/claim/without-mov.asm"


@pytest.fixture
def command(capsys):
    def call(*arguments):
        status = run([str(a) for a in arguments])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return call


def test_counts_are_given_with_and_without_loads_and_stores(command):
    status, out, _ = command("verify", "kernels/memory/alphadev-sort3.asm")
    assert status == 0
    assert "17 instructions (11 without loads and stores)" in out
    _, out, _ = command("verify", "kernels/memory/kauer-sort3.s", "--json")
    record = json.loads(out)
    assert (record["instructions"], record["loads_and_stores"]) == (15, 4)


def test_an_object_file_is_verified_by_symbol(command, tmp_path):
    path = tmp_path / "sort3.o"
    path.write_bytes(assemble(ASSEMBLY))
    status, out, _ = command("verify", path, "--function", "sort3")
    assert status == 0
    assert "note: inputs [rdi] [rdi+4] [rdi+8], as the loads tell" in out
    assert "decided by weak orders and z3, which agree" in out


def test_inline_assembly_is_verified_by_function(command, tmp_path):
    path = tmp_path / "sort.cc"
    path.write_text(inline_c())
    assert command("verify", path, "--function", "Sort3")[0] == 0
    path.write_text(inline_c().replace("cmovg %%edx", "cmovl %%edx"))
    status, out, _ = command("verify", path, "--function", "Sort3")
    assert status == 1
    assert "is lost" in out


def test_a_function_that_branches_is_offered_a_command_that_runs(command):
    status, out, _ = command("verify", str(ROOT / "tests" / "branching" / "net3-O1.s"))
    assert status == ExitCode.DONE
    words = re.search(r"^without branches: sortopt (.*)$", out, re.M)[1].split()
    assert command(*words)[0] == ExitCode.DONE


def test_unsigned_keys_refute_signed_conditions(command):
    status, out, _ = command("verify", SORT3, "--key", "uint32")
    assert status == 1
    assert "refuted for uint32 keys: input 1 1 4294967295 comes out as 4294967295 1 1" in out
    assert "cmovl reads keys as signed, so it takes 4294967295 for -1" in out
    status, out, _ = command("verify", SORT3, "--key", "int32")
    assert status == 0
    assert "proved for all inputs: int32 keys, equal ones too" in out
    assert command("verify", SORT3, "--key", "int64")[0] == 2
    assert "unknown key type" in command("verify", SORT3, "--key", "float")[2]


def test_bits_and_key_go_together(command):
    status, out, _ = command("verify", SORT3, "--key", "uint32", "--bits", "8", "--json")
    record = json.loads(out)
    assert status == 1
    assert max(record["counterexample"]["inputs"]) == 255
    assert (record["key"], record["bits"]) == ("uint32", 8)


def test_explain_names_what_is_redundant(command, tmp_path):
    path = tmp_path / "padded.asm"
    path.write_text(Path(SORT3).read_text() + "    mov esi, esi\n    cmp eax, ecx\n")
    status, out, _ = command("verify", path, "--explain")
    assert status == 0
    assert "dead: 13 cmp eax, ecx: nothing reads the flags after it" in out
    assert "redundant: 12 mov esi, esi: it can go (proved)" in out
    assert "together 2 instructions can go, the most that can: 12, 13 (proved)" in out
    record = json.loads(command("verify", path, "--explain", "--json")[1])["study"]
    assert (record["redundant"], record["redundant_together"]) == ([11, 12], [11, 12])
    assert "no instruction is redundant" in command("verify", SORT3, "--explain")[1]


def test_explain_names_the_weakest_preconditions_of_a_wrong_kernel(command):
    status, out, _ = command("verify", SHORT, "--explain")
    assert status == 1
    assert "right given b < c (proved)" in out
    out = command("verify", "kernels/swap/without-second-mov.asm", "--explain")[1]
    assert "right given a" in out


def test_explain_suggests_no_precondition_where_the_sign_is_at_fault(command):
    assert "right given" not in command("verify", SORT3, "--key", "uint32", "--explain")[1]


def test_query_is_exported_once(command, tmp_path):
    path = tmp_path / "query.smt2"
    assert f"wrote {path}" in command("verify", SORT3, "--smt2", path)[1]
    text = path.read_text()
    assert "; expected answer: unsat\n(set-logic QF_LIA)\n" in text
    status, out, err = command("verify", SORT3, "--smt2", path)
    assert (status, out) == (2, "")
    assert "exists" in err
    assert path.read_text() == text


@pytest.mark.parametrize("solver", ["cvc5", "bitwuzla"])
def test_agreement_of_a_second_solver_is_shown(command, solver):
    assert f"{solver} agrees: unsat over" in command("verify", SORT3, "--second-solver", solver)[1]
    out = command("verify", TIES, "--second-solver", solver, "--json")[1]
    assert json.loads(out)["second_solver"]["answer"] == "sat"
    assert command("verify", SORT3, "--second-solver", "z4")[0] == 2


def test_a_large_kernel_says_which_proofs_decided(command, tmp_path):
    path = tmp_path / "sort6.asm"
    path.write_text(command("network", "--best", "6", "--lower")[1])
    out = command("verify", path)[1]
    assert "6 keys (int32), 48 instructions" in out
    assert "decided by weak orders and z3, which agree" in out


def test_verify_needs_one_file_or_a_folder(command):
    assert "give a FILE, or a folder with --all-of" in command("verify")[2]


def test_repair_writes_the_repaired_kernel_to_stdout(command):
    status, out, err = command("repair", TIES)
    assert status == 0
    assert verify(parse(out).kernel).verdict.name == "proved"
    assert "repaired, equal length, 11 instructions" in err
    assert "6 cmovle eax, ecx  (was cmovl)" in err


def test_repair_overwrites_only_when_asked(command, tmp_path):
    path, output = tmp_path / "ties.cgo", tmp_path / "mended.cgo"
    path.write_text(before := Path(TIES).read_text())
    assert command("repair", path, "--output", output)[0] == 0
    assert path.read_text() == before
    assert verify(parse(output.read_text()).kernel).verdict.name == "proved"
    assert "exists" in command("repair", path, "--output", output)[2]
    status, out, _ = command("repair", path, "--overwrite")
    assert status == 0
    assert f"wrote {path}" in out
    assert path.read_text() == output.read_text()
    assert command("repair", path, "--overwrite", "--output", output)[0] == 2


def test_repair_leaves_a_right_kernel_alone(command, tmp_path):
    path = tmp_path / "sort3.asm"
    path.write_text(before := Path(SORT3).read_text())
    status, out, _ = command("repair", path, "--in-place")
    assert status == 0
    assert "it is right as it is" in out
    assert path.read_text() == before


def test_repair_never_overwrites_what_holds_more_than_a_kernel(command, tmp_path):
    path = tmp_path / "sort.s"
    path.write_text(text := ASSEMBLY.replace("cmovle", "cmovl"))
    status, _, err = command("repair", path, "--in-place")
    assert status == 2
    assert "holds more than a kernel, which would be lost; give --output FILE" in err
    assert path.read_text() == text
    binary = tmp_path / "sort.o"
    binary.write_bytes(assemble(ASSEMBLY))
    assert command("repair", binary, "--in-place")[0] == 2


def test_repair_does_not_say_that_no_condition_repairs_it(command, tmp_path):
    path = tmp_path / "sort2.asm"
    kernel = "mov edx, eax\ncmp eax, ecx\ncmov{} eax, ecx\ncmovg ecx, edx\n"
    path.write_text("; inputs: eax ecx\n; outputs: eax ecx\n" + kernel.format("l"))
    status, out, _ = command("repair", path, "--most-added", "0")
    assert status == 1
    assert "other conditions on equal keys and up to 0 instructions more do not repair" in out
    path.write_text("; inputs: eax ecx\n; outputs: eax ecx\n" + kernel.format("g"))
    assert command("verify", path)[0] == 0


def test_repair_says_what_it_tried_in_vain(command):
    status, out, err = command("repair", "kernels/claim/shown.asm", "--most-added", "1")
    assert (status, err) == (1, "")
    assert "other conditions on equal keys and up to 1 instruction more do not repair it\n" in out
    record = json.loads(
        command("repair", "kernels/claim/shown.asm", "--most-added", "0", "--json")[1]
    )
    assert (record["mended"], record["exact"]) == (False, True)


def test_repair_prints_one_json_object(command):
    status, out, err = command("repair", TIES, "--json")
    record = json.loads(out)
    assert (status, err) == (0, "")
    assert record["changes"] == [{"instruction": 5, "before": "cmovl", "after": "cmovle"}]
    assert record["verdict"] == "proved"
    assert parse(record["asm"]).kernel.n == 3


def test_repair_changes_the_sign_of_conditions(command):
    status, out, err = command("repair", SORT3, "--key", "uint32")
    assert status == 0
    assert "(was cmovl)" in err
    assert verify(parse(out).kernel, key="uint32").verdict.name == "proved"
    assert command("repair", SORT3, "--key", "uint64")[0] == 2


CLAIM = ("kernels/claim/shown.asm", "kernels/claim/shown-if-b-le-c.asm")


def test_several_files_and_patterns_are_judged_together(command):
    status, out, _ = command("verify", *CLAIM)
    assert status == ExitCode.REFUTED
    assert "kernels/claim/shown.asm: refuted: 1 2 1 comes out as 1 2 1\n" in out
    assert "2 kernels in" in out
    record = json.loads(command("verify", "kernels/claim/show*[nc].asm", "--json")[1])
    assert [kernel["file"] for kernel in record["kernels"]] == sorted(CLAIM)


def test_a_pattern_that_nothing_fits_is_named(command):
    assert command("verify", "kernels/nothing*.asm")[0] == ExitCode.BAD_INPUT
    status, _, err = command("verify", CLAIM[0], "nothing.asm")
    assert (status, err) == (2, "error: there is no file nothing.asm; check its name\n")
    status, _, err = command("verify", *CLAIM, "--explain")
    assert (status, err.split(";")[0]) == (2, "error: --explain takes a FILE, not several")


@pytest.mark.parametrize("options", [CLAIM, CLAIM[:1], ["--all-of", "kernels/claim"]])
def test_a_file_that_expects_its_refutation_is_a_success(command, options):
    assert command("verify", *options)[0] == ExitCode.REFUTED
    assert command("verify", *options, "--expect")[0] == ExitCode.DONE


def test_a_verdict_that_is_not_the_expected_one_is_no_success(command, tmp_path):
    path = tmp_path / "right.asm"
    path.write_text((ROOT / SORT3).read_text().replace("expect:  proved", "expect:  refuted"))
    assert command("verify", path)[0] == ExitCode.DONE
    status, out, _ = command("verify", path, SORT3, "--expect")
    assert status == ExitCode.REFUTED
    assert f"{path} expects refuted, but is proved" in out
    assert command("verify", path, "--expect")[0] == ExitCode.REFUTED


def test_quiet_leaves_the_exit_status_alone(command):
    assert command("verify", CLAIM[0], "--quiet") == (ExitCode.REFUTED, "", "")
    assert command("verify", *CLAIM, "-q") == (ExitCode.REFUTED, "", "")


def test_a_watched_file_is_judged_whenever_it_changes(command, monkeypatch, tmp_path):
    path = tmp_path / "watched.asm"
    right = (ROOT / SORT3).read_text()
    texts = iter([right.replace("cmovg ", "cmovl "), "mvo eax, ecx", None, right])
    path.write_text(right)

    def sleep(seconds):
        text = next(texts, "end")
        if text == "end":
            raise KeyboardInterrupt
        if text is None:
            path.unlink()
        else:
            path.write_text(text)
            os.utime(path, ns=(path.stat().st_atime_ns, next(stamps)))

    stamps = itertools.count(10**18)
    monkeypatch.setattr(time, "sleep", sleep)
    status, out, err = command("verify", path, "--watch")
    assert status == ExitCode.DONE
    verdicts = re.findall("^(proved|refuted)\\b", out, re.M)
    assert verdicts == ["proved", "refuted", "proved"]
    assert "unknown mnemonic 'mvo'" in err


def test_a_rung_asked_for_is_part_of_the_verdict(command, tmp_path):
    status, out, _ = command("verify", "kernels/alphadev/sort4.asm", "--keep", "safe")
    assert status == 0
    assert "proved for all inputs: safe, equal keys" in out
    status, out, _ = command("verify", "kernels/alphadev/sort4.asm", "--keep", "stable")
    assert status == 1
    assert "refuted: not stable, on 1 1 1 1: d leaves before a" in out
    assert "on entry          1d   1a   1b   1c" in out.replace("mov", "   ") or "1d" in out
    path = tmp_path / "sort4.asm"
    text = Path("kernels/alphadev/sort4.asm").read_text()
    path.write_text(text.replace("; expect:", "; keep:    stable\n; expect:"))
    assert command("verify", path)[0] == 1
    assert command("verify", path, "--keep", "values")[0] == 0


def test_a_counterexample_to_a_rung_says_which_precondition_would_do(command):
    status, out, _ = command("counterexample", SORT3, "--keep", "stable")
    assert status == 1
    assert "a leaves twice, c never" in out
    assert "it is right given" in out
    status, out, _ = command("counterexample", SORT3, "--keep", "safe")
    assert status == 1
    assert "no precondition that compares keys makes it right" in out


@pytest.mark.parametrize("where", ["option", "file"])
def test_a_typo_in_a_rung_is_one_line_with_the_rungs(command, tmp_path, where):
    path = tmp_path / "sort3.asm"
    text = Path(SORT3).read_text()
    path.write_text(text.replace("; expect:", "; keep:    stabel\n; expect:"))
    arguments = [SORT3, "--keep", "stabel"] if where == "option" else [path]
    status, out, err = command("verify", *arguments)
    assert (status, out) == (2, "")
    assert "unknown rung 'stabel'; use values, elements, stable, safe" in err.splitlines()[0]


def test_other_solvers_judge_the_values_whatever_rung_is_lacking(command, tmp_path):
    query = tmp_path / "query.smt2"
    status, _, _ = command("verify", SORT3, "--keep", "stable", "--smt2", query)
    assert status == 1
    assert "; expected answer: unsat" in query.read_text()
