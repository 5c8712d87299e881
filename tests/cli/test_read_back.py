"""Whatever sortopt writes, `verify` reads back, and says what it read."""

import json
import re

import places
import pytest

from sortopt.cli.app import run

SORT3 = str(places.KERNELS / "alphadev" / "sort3.asm")
WRITERS = {
    "search.asm": ["search", "--n", "3", "--conditions", "l,g"],
    "ranked.asm": ["search", "--n", "2", "--rank", "latency"],
    "nothing.asm": ["search", "--n", "3", "--assume", "a<=b<=c"],
    "unsigned.asm": ["search", "--n", "2", "--unsigned"],
    "vectors.asm": ["search", "--n", "3", "--isa", "x86-minmax"],
    "arm.s": ["search", "--n", "2", "--isa", "aarch64"],
    "riscv.s": ["search", "--n", "2", "--isa", "riscv"],
    "shorter.asm": ["optimize", SORT3, "--time-limit", "1"],
    "lowered.asm": ["network", "--best", "4", "--lower"],
    "lowered-in-memory.s": ["network", "--best", "4", "--lower", "--in-memory", "--dialect", "att"],
    "sort.c": ["emit", SORT3, "--to", "c"],
    "sort64.c": ["emit", SORT3, "--to", "c", "--key", "int64"],
    "intel.s": ["emit", SORT3, "--to", "asm-intel"],
    "att.s": ["emit", SORT3, "--to", "asm-att"],
    "sort.ll": ["emit", SORT3, "--to", "llvm"],
    "sort64.ll": ["emit", SORT3, "--to", "llvm", "--key", "int64"],
}


def output(capsys, *arguments):
    assert run(arguments) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("name", WRITERS)
def test_what_a_command_prints_is_proved_again(capsys, tmp_path, name):
    path = tmp_path / name
    path.write_text(output(capsys, *WRITERS[name]))
    read = output(capsys, "verify", str(path))
    assert re.search(rf"{re.escape(name)}: [234] keys", read)
    assert "decided by weak orders and z3, which agree" in read


@pytest.mark.parametrize(("n", "options"), [(2, []), (4, ["--key", "uint64"])])
def test_every_function_of_a_library_is_proved_again(capsys, tmp_path, n, options):
    path = tmp_path / "library.h"
    output(capsys, "sort-library", "--n", "2..4", *options, "-o", str(path))
    read = output(capsys, "verify", str(path), "--function", f"sort_small_{n}")
    assert f"{n} keys" in read
    assert (f"{options[1]} keys" if options else "int32 keys") in read


def test_a_list_of_kernels_is_proved_kernel_by_kernel(capsys, tmp_path):
    path = tmp_path / "all.asm"
    output(capsys, "search", "--n", "2", "--all", str(path))
    assert run(["verify", str(path)]) == 0
    read = capsys.readouterr()
    assert f"{path}: a list of 36 kernels" in read.err
    assert "36 kernels in" in read.out
    record = json.loads(output(capsys, "verify", str(path), "--json", "--both"))
    assert record["summary"]["proved"] == 36
    assert record["kernels"][35]["file"] == f"{path}, kernel 36"


def test_one_wrong_kernel_of_a_list_is_named(capsys, tmp_path):
    path = tmp_path / "all.asm"
    output(capsys, "search", "--n", "2", "--all", str(path))
    kernels = path.read_text().split("\n\n")
    kernels[6] = re.sub("cmp .*", "cmp    eax, eax", kernels[6])
    path.write_text("\n\n".join(kernels))
    assert run(["verify", str(path)]) == 1
    assert f"{path}, kernel 7: refuted: 1 2 comes out as" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["verify", "--assume", "none"], "holds 36 kernels; --assume takes one"),
        (["verify", "--key", "int32"], "holds 36 kernels; --key takes one"),
        (["optimize"], "holds 36 kernels; sortopt verify judges them all"),
        (["emit", "--to", "c"], "holds 36 kernels; sortopt verify judges them all"),
    ],
)
def test_what_takes_one_kernel_refuses_a_list(capsys, tmp_path, arguments, message):
    path = tmp_path / "all.asm"
    output(capsys, "search", "--n", "2", "--all", str(path))
    assert run([*arguments, str(path)]) == 2
    assert message in capsys.readouterr().err


def test_options_of_one_kernel_are_refused_for_a_folder(capsys, tmp_path):
    assert run(["verify", "--all-of", str(tmp_path), "--outputs", "eax"]) == 2
    assert "--outputs takes a FILE, not --all-of" in capsys.readouterr().err
