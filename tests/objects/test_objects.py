"""Object files and assembly text: told from their content, decoded, refused with their place."""

import shutil
import subprocess
import sys

import corpus
import pytest
from assembled import ASSEMBLY, SORT3_LINES, inline_c
from places import KERNELS

from sortopt import objects
from sortopt.base.errors import InputError
from sortopt.emit import emit
from sortopt.formats import parse, print_kernel
from sortopt.native.assembler import AssemblyError, assemble
from sortopt.objects import elf, extras
from sortopt.verify import verify

ROOT = corpus.load(KERNELS)
SORT3 = parse("\n".join(SORT3_LINES)).kernel

TERNARY = """
void sort3(int *p) {
    int a = p[0], b = p[1], c = p[2], t;
    t = a < b ? a : b; b = a < b ? b : a; a = t;
    t = b < c ? b : c; c = b < c ? c : b; b = t;
    t = a < b ? a : b; b = a < b ? b : a; a = t;
    p[0] = a; p[1] = b; p[2] = c;
}
"""


def written(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refusal(path, **options):
    with pytest.raises(InputError) as caught:
        objects.read(path, **options)
    return caught.value.render().replace(f"{path}", path.name)


def same(kernel, other):
    """Whether two kernels differ in the names of their registers at most."""
    return (kernel.instructions, kernel.contract) == (other.instructions, other.contract)


def test_assembly_text_of_a_compiler_is_read(tmp_path):
    file = objects.read(written(tmp_path, "sort3.s", ASSEMBLY))
    assert (file.kernel, file.dialect, file.width) == (SORT3, "att", 32)
    assert file.because == "assembled, as line 1 is a directive"


def test_assembly_text_in_intel_syntax_is_read(tmp_path):
    body = print_kernel(SORT3).split("\n")[3:]
    text = ".intel_syntax noprefix\nsort3:\n" + "\n".join(body) + "\nret\n"
    assert objects.read(written(tmp_path, "sort3.s", text)).kernel == SORT3


def test_text_with_directives_and_no_label_is_one_function(tmp_path):
    text = ".text\n" + "\n".join(SORT3_LINES) + "\n"
    assert objects.read(written(tmp_path, "sort3.s", text)).kernel == SORT3


def test_plain_kernel_files_are_parsed_as_ever(tmp_path):
    path = written(tmp_path, "sort3.asm", print_kernel(SORT3))
    assert objects.read(path).because == "line 4 names eax without %"
    assert "leave out --function" in refusal(path, function="sort3")


def test_object_file_is_read_by_symbol(tmp_path):
    both = ASSEMBLY + ".text\n.type other,@function\nother:\n addl $1, %eax\n ret\n"
    path = written(tmp_path, "sort3.o", assemble(both))
    file = objects.read(path, function="sort3")
    assert same(file.kernel, SORT3)
    assert file.because == "object file, function sort3"
    assert "holds 2 functions: other, sort3; give --function" in refusal(path)
    assert "did you mean sort3?" in refusal(path, function="sort33")
    assert "sort3.o[other]:1:1: error: add is arithmetic" in refusal(path, function="other")


def test_function_is_found_by_its_plain_name_behind_a_mangled_one(tmp_path):
    text = ASSEMBLY.replace("sort3", "_Z5sort3Pi")
    path = written(tmp_path, "sort3.o", assemble(text))
    assert same(objects.read(path, function="sort3").kernel, SORT3)


@pytest.mark.parametrize("entry", ROOT.entries, ids=lambda entry: entry.name)
def test_the_assembler_and_the_fast_parser_agree_on_the_corpus(entry, tmp_path):
    """Both ways lead to one kernel: our parser, and the machine's assembler with capstone."""
    kernel, machine = entry.kernel, entry.kernel.isa.machine
    if machine.tools and shutil.which(f"{machine.tools}-as") is None:
        pytest.skip(f"install {machine.packages[0]} to assemble {machine.name} text")
    dialect = None if machine.tools else "att"
    printed = [line for line in print_kernel(kernel, dialect).splitlines() if line.strip()]
    header = [line for line in printed if line.startswith(("#", "//")) and "cells:" not in line]
    body = [line for line in printed if not line.startswith(("#", "//"))]
    text = "\n".join([*header, "kernel:", *body, "    ret", ""])
    read = objects.read(written(tmp_path, "kernel.s", text)).kernel
    assert same(read, kernel)
    assert [c.place for c in read.cells] == [c.place for c in kernel.cells]


def test_what_gcc_makes_of_a_ternary_sort3_is_verified_or_refused_with_its_instruction(tmp_path):
    gcc = shutil.which("gcc") or shutil.which("cc")
    if gcc is None:
        with pytest.raises(InputError, match="no asm statement"):
            objects.read(written(tmp_path, "sort3.c", TERNARY))
        return
    source, target = written(tmp_path, "sort3.c", TERNARY), tmp_path / "sort3.o"
    subprocess.run([gcc, "-O2", "-c", source, "-o", target], check=True)
    told = subprocess.run(
        [sys.executable, "-m", "sortopt", "verify", target], capture_output=True, text=True
    )
    proved = told.returncode == 0 and "\nproved for all inputs" in told.stdout
    refused = told.returncode == 2 and "[sort3]:" in told.stderr
    assert proved != refused
    assert "outside the model" in told.stderr or "19 instructions (13 without" in told.stdout


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("jle .LFB0", "sort3.s:11:2: error: jle tests flags, which no comparison has set"),
        ("call other", "sort3.s:11:2: error: this calls other, which is not followed"),
        ("setl %al", "sort3.s:11:2: error: setl tests flags, which no comparison has set"),
        ("leaq (%rdi,%rdi), %rax", "sort3.s:11:7: error: this address depends on an index"),
        ("pushq $3", "sort3.s:11:2: error: push uses the stack"),
        ("pushfq", "sort3.s:11:2: error: pushfq uses the stack"),
        ("cmpl $3, %eax", "sort3.s:11:7: error: immediate operands are outside the model"),
        ("movl keys(%rip), %eax", "sort3.s:11:2: error: this refers to keys"),
        ("movl 4(%rsp), %eax", "sort3.s:11:7: error: this addresses the stack"),
        ("movl (%rdi,%rax,4), %eax", "sort3.s:11:7: error: this address depends on an index"),
        ("movl %fs:40, %eax", "sort3.s:11:7: error: segment registers"),
        ("movl 4, %eax", "sort3.s:11:7: error: this names memory by a fixed address"),
        ("movw %ax, %cx", "sort3.s:11:"),
        ("frob %eax", "sort3.s:11:2: error: the assembler says: invalid instruction mnemonic"),
        ('.incbin "sort3.c"', "sort3.s:11:2: error: this directive reads another file"),
    ],
)  # fmt: skip
def test_what_lies_outside_the_model_is_refused_with_its_line(tmp_path, line, message):
    text = ASSEMBLY.replace("\tmov 4(%rdi), %eax", f"\t{line}")
    assert refusal(written(tmp_path, "sort3.s", text)).startswith(message)


def test_what_a_compiler_could_do_without_is_refused_with_its_option(tmp_path):
    for line, hint in (("call other", "compile with -O2"), ("bswap %eax", "compile with -O1")):
        text = ASSEMBLY.replace("\tmov 4(%rdi), %eax", f"\t{line}")
        assert hint in refusal(written(tmp_path, "sort3.s", text))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x7fELF", "is a damaged ELF file"),
        (assemble("f: ret\n")[:200], "is a damaged ELF file"),
        (b"!<thin>\n", "names its members only, which is not read"),
        (b"\xca\xfe\xba\xbe\0\0", "is a Mach-O file for several processors"),
        (b"\0\0\xff\xff\0\0", "is COFF as /bigobj or /GL writes it"),
        (b"BC\xc0\xde\0", "is LLVM bitcode, which is not read"),
        (assemble(".data\n"), "holds no function"),
    ],
    ids=["magic", "cut", "thin", "universal", "bigobj", "bitcode", "empty"],
)
def test_other_binaries_are_named(tmp_path, data, message):
    told = refusal(written(tmp_path, "x.o", data))
    assert message in told
    assert "\n" not in told


def test_code_for_another_machine_is_named(tmp_path):
    data = bytearray(assemble("f: ret\n"))
    data[18:20] = (40).to_bytes(2, "little")
    path = written(tmp_path, "x.o", bytes(data))
    assert (
        "is code for ARM, 64 bits, little-endian; code for x86-64, AArch64, RISC-V is read"
    ) in refusal(path)


def test_bytes_that_are_no_instruction_are_told(tmp_path):
    text = ".type f,@function\nf:\n mov %eax, %ecx\n .byte 0x06\n ret\n"
    assert "the bytes at 0x2 in f are no instruction" in refusal(
        written(tmp_path, "x.o", assemble(text))
    )


def test_a_missing_library_is_told_with_the_extra_that_brings_it(monkeypatch, tmp_path):
    for library, data in (("elftools", assemble("f: ret\n")), ("lief", b"\xcf\xfa\xed\xfe")):
        monkeypatch.setitem(sys.modules, library, None)
        extra = extras.EXTRAS.get(library, "asm")
        told = refusal(written(tmp_path, "x.o", data))
        assert f"needs {library}" in told
        assert f"pip install 'sortopt[{extra}]'" in told


def test_the_assembler_says_where_a_text_is_wrong():
    with pytest.raises(AssemblyError) as caught:
        assemble("ret\nmov %eax\n")
    assert caught.value.line == 2


def test_functions_need_no_size():
    file = elf.ElfFile(assemble(".globl f\nf: mov %eax, %ecx\n ret\n"), "x.o")
    assert len(file.function("f").code) == 3


def test_inline_assembly_is_told_from_its_suffix_or_its_content(tmp_path):
    for name in ("sort3.cc", "sort3.txt"):
        file = objects.read(written(tmp_path, name, inline_c()))
        assert (file.kernel.instructions, file.because) == (
            SORT3.instructions, "asm statement of Sort3",
        )  # fmt: skip


@pytest.mark.parametrize(("key", "name"), [("%ebx", "rbx"), ("%r12d", "r12")])
def test_a_function_that_does_not_restore_what_its_caller_expects_back_is_unsafe(
    tmp_path, key, name
):
    text = ASSEMBLY.replace("%ecx", key)
    message = f"the function overwrites {name}, which its caller expects back"
    for path in ("sort3.o", "sort3.s"):
        content = assemble(text) if path.endswith(".o") else text
        (breach,) = objects.read(written(tmp_path, path, content)).breaches
        assert breach.message == message
    assert not objects.read(written(tmp_path, "sort3.s", ASSEMBLY)).breaches


def test_a_semicolon_begins_a_comment_in_intel_text_with_labels(tmp_path):
    text = "sort:\n mov eax, [rdi] ; load\n mov [rdi], eax ; store\n ret\n"
    assert objects.read(written(tmp_path, "x.s", text)).kernel.memory_moves == 2
    told = refusal(written(tmp_path, "x.s", text.replace("; load", "; mov ecx, eax")))
    assert told.startswith("x.s:2:19: error: an instruction in a comment behind an instruction")


@pytest.mark.parametrize("target", ["asm-att", "asm-intel"])
def test_what_sortopt_emits_as_assembly_is_read_back(tmp_path, target):
    kernel = ROOT.find("alphadev/sort4").kernel
    read = objects.read(written(tmp_path, "sort4.s", emit(kernel, target))).kernel
    assert read.memory_moves == 8
    assert len(read) == 8 + len(kernel)
    assert verify(read).verdict.name == "proved"


def test_what_sortopt_emits_as_inline_assembly_is_read_back(tmp_path):
    kernel = ROOT.find("alphadev/sort3").kernel
    path = written(tmp_path, "sort3.c", emit(kernel, "c"))
    outputs = " ".join(f"%{cell}" for cell in kernel.contract.outputs)
    named = objects.read(path, inputs="%0 %1 %2", outputs=outputs).kernel
    assert same(named, kernel)
    assert same(objects.read(path).kernel, kernel)


@pytest.mark.parametrize("suffix", [".o", ".s"])
def test_machine_code_of_apx_is_refused_with_its_name(tmp_path, suffix):
    text = ".type f,@function\nf:\n mov %eax, %r16d\n mov %r16d, %ecx\n ret\n"
    told = refusal(written(tmp_path, "x" + suffix, assemble(text) if suffix == ".o" else text))
    assert "the bytes at 0x0 in f are no instruction that is known here" in told
    assert "they begin as one of Intel APX does" in told
