"""Assembly text and objects of AArch64 and RISC-V, as GNU's cross compilers make them."""

import shutil
import subprocess

import pytest

from sortopt import objects
from sortopt.base.errors import InputError
from sortopt.emit import emit
from sortopt.model.verdict import Proved, Refuted
from sortopt.native import AssemblyError, cross_assemble
from sortopt.networks import best, lower
from sortopt.targets import ISAS, MACHINES
from sortopt.verify import verify

C = """
#define ORDER(x, y) t = x < y ? x : y; y = x < y ? y : x; x = t;
void sort3(KEY *p) {
    KEY a = p[0], b = p[1], c = p[2], t;
    ORDER(b, c) ORDER(a, c) FIRST
    p[0] = a; p[1] = b; p[2] = c;
}
"""
FLAGS = {"AArch64": [], "RISC-V": ["-march=rv64gc_zbb", "-mabi=lp64d"]}


@pytest.fixture(params=[m for m in MACHINES.values() if m.tools], ids=lambda machine: machine.name)
def machine(request):
    """A machine whose cross compiler is installed."""
    if shutil.which(f"{request.param.tools}-gcc") is None:
        pytest.skip(f"install {request.param.packages[0]} to compile for {request.param.name}")
    return request.param


def compiled(machine, folder, form, key, order):
    """Return what gcc makes of a function whose last step is `order`."""
    source, made = folder / "sort3.c", folder / f"sort3{form}"
    source.write_text(C.replace("KEY", key).replace("FIRST", order))
    command = [f"{machine.tools}-gcc", *FLAGS[machine.name], "-O2", "-c" if form == ".o" else "-S"]
    subprocess.run([*command, source, "-o", made], check=True)
    return made


@pytest.mark.parametrize("form", [".o", ".s"])
@pytest.mark.parametrize(
    ("key", "name"), [("int", "signed"), ("long", "signed"), ("unsigned long", "unsigned")]
)
def test_what_gcc_makes_of_ternaries_is_read_and_judged(machine, tmp_path, form, key, name):
    file = objects.read(compiled(machine, tmp_path, form, key, "ORDER(a, b)"))
    assert (file.kernel.isa.machine, file.kernel.n) == (machine, 3)
    assert file.kernel.signedness.value == name
    assert verify(file.kernel).verdict == Proved()
    half = objects.read(compiled(machine, tmp_path, form, key, ""))
    assert isinstance(verify(half.kernel).verdict, Refuted)


def test_a_fault_in_assembled_text_has_its_line(machine, tmp_path):
    path = tmp_path / "x.s"
    path.write_text(".text\nf:\n add x10, x10, x11\n ret\n")
    with pytest.raises(InputError, match="add is arithmetic") as raised:
        objects.read(path, dialect=[*machine.syntaxes][-1])
    assert raised.value.span.line == 3


def test_a_text_that_is_no_assembly_has_the_assemblers_message(machine):
    with pytest.raises(AssemblyError, match="the assembler says: ") as raised:
        cross_assemble(".text\nnonsense x1\n", machine)
    assert raised.value.line == 2


def test_without_the_assembler_it_is_said_what_to_install(machine, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(InputError, match=f"needs {machine.tools}-as") as raised:
        cross_assemble("ret\n", machine)
    assert f"apt install {machine.packages[0]}" in raised.value.hint


@pytest.mark.parametrize("isa", ["aarch64", "aarch64-cssc", "aarch64-minmax", "riscv"])
@pytest.mark.parametrize(("target", "suffix"), [("c", ".h"), ("llvm", ".ll")])
def test_what_is_read_for_x86_alone_says_whose_it_is_and_the_way_out(isa, target, suffix):
    kernel = lower(best(2), ISAS[isa])
    with pytest.raises(InputError) as caught:
        objects.read(f"sort2{suffix}", text=emit(kernel, target))
    machine = kernel.isa.machine
    named = machine.name if target == "c" else machine.architecture
    assert f"for {named}" in caught.value.message
    assert "object file" in caught.value.hint
