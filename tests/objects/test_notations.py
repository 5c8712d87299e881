"""Text of other assemblers and tools: read as it means, or named for what it is."""

import shutil
import subprocess

import pytest

from sortopt import objects
from sortopt.base.errors import InputError, Source
from sortopt.native.assembler import assemble
from sortopt.objects.branches import Branches
from sortopt.objects.notations import translated
from sortopt.objects.objdump import read_listing
from sortopt.verify import verify

ORDER = """\
    mov eax, {p}
    mov edx, {q}
    mov ecx, eax
    cmp eax, edx
    cmovg eax, edx
    cmovg edx, ecx
    mov {p}, eax
    mov {q}, edx
    ret
"""
PLAIN = ORDER.format(p="[rdi]", q="[rdi+4]")
WRONG = PLAIN.replace("cmovg edx, ecx", "cmovge ecx, edx")


def read(text, path="x.asm", **options):
    return objects.read(path, text=text, **options)


def verdict(text, path="x.asm", **options):
    return verify(read(text, path, **options).kernel).verdict.name


def refusal(text, path="x.asm", **options):
    with pytest.raises(InputError) as caught:
        objects.read(path, text=text, **options)
    return caught.value.render()


NASM = (
    "bits 64\ndefault rel\nextern other\nglobal order:function\nsection .text\nalign 16\norder:\n"
)
MASM = "PUBLIC\torder\n_TEXT\tSEGMENT\norder\tPROC\t\t\t; COMDAT\n"
MASM_END = (
    "order\tENDP\n_TEXT\tENDS\npdata\tSEGMENT\n$p\tDD\timagerel $L\npdata\tENDS\nEND\nrubbish\n"
)


LISTED = """
; 2    : void order(int *q)

  00000\t8b 01\t\t mov\t eax, DWORD PTR [rcx]
  00002\t44 8b 41 04\t mov\t r8d, DWORD PTR [rcx+4]
  00006\t8b d0\t\t mov\t edx, eax
  00008\t41 3b c0\t cmp\t eax, r8d
  0000b\t41 0f 4f c0\t cmovg\t eax, r8d
  0000f\t44 0f 4f c2\t cmovg\t r8d, edx
  00013\t89 01\t\t mov\t DWORD PTR [rcx], eax
  00015\t44 89 41 04\t mov\t DWORD PTR [rcx+4], r8d
  00019\tc3\t\t ret\t 0
"""


@pytest.mark.parametrize(
    "text",
    [
        NASM + PLAIN,
        "[BITS 64]\nGLOBAL order\nSECTION .text\norder:\n" + PLAIN.upper(),
        NASM + ORDER.format(p="dword [rdi]", q="dword [rdi + 4h]"),
        NASM + ORDER.format(p="[rdi]", q="[rdi + 0x4]").replace("\n", " ; a comment\n"),
        MASM + ORDER.format(p="DWORD PTR [r9]", q="DWORD PTR [r9+4]") + MASM_END,
        MASM + "; Line 3\n" + ORDER.format(p="[r8]", q="4[r8]").replace("ret", "ret\t0") + MASM_END,
        "second equ 4\n" + NASM + ORDER.format(p="[rdi]", q="[rdi + second]"),
        "section .data\ntable: dd 1, 2\nroom resd 4\n" + NASM + PLAIN,
        "option casemap:none\n.code\norder PROC FRAME\n.endprolog\n" + PLAIN + "order ENDP\nEND\n",
        "order(int*):\n" + PLAIN,
        "ns::order<int>(std::vector<int, std::allocator<int> >&) const:\n" + PLAIN,
        "(anonymous namespace)::order(int*) [clone .isra.0]:\n" + PLAIN,
        "order(int*)::{lambda(int, int)#1}::operator()(int, int) const:\n" + PLAIN,
        "example::order::h0123456789abcdef:\n" + PLAIN,
        "<core::slice::Iter as example::Order>::order:\n" + PLAIN,
        "$s7example5orderyyF:\n" + PLAIN,
        "bits 64\nsection .text align=16\norder:\n.inner:\n" + PLAIN,
        "format ELF64\nsection '.text' executable\npublic order\norder:\n" + PLAIN,
        "q$ = 8\nvoid order(int *) PROC ; order, COMDAT\n" + PLAIN + "void order(int *) ENDP\n",
        "include listing.inc\nPUBLIC ?order@@YAXPEAH@Z\n_TEXT SEGMENT\n?order@@YAXPEAH@Z PROC\n"
        + LISTED
        + "?order@@YAXPEAH@Z ENDP\n_TEXT ENDS\nEND\n",
    ],
)  # fmt: skip
def test_text_of_other_assemblers_is_read(text):
    assert verdict(text) == "proved"


SAVES = """
.seh_proc order
order:
subq $24, %rsp
movaps %xmm6, (%rsp)
movdqu (%rcx), %xmm6
movdqu 16(%rcx), %xmm1
movdqa %xmm1, %xmm2
pminsd %xmm6, %xmm2
pmaxsd %xmm6, %xmm1
movdqu %xmm2, (%rcx)
movdqu %xmm1, 16(%rcx)
movaps (%rsp), %xmm6
addq $24, %rsp
ret
"""


@pytest.mark.parametrize(
    ("was", "now", "breaches"),
    [
        ("", "", 0),
        ("movaps (%rsp), %xmm6", "", 1),
        ("movaps (%rsp), %xmm6", "movq (%rsp), %xmm6", 1),
        ("movaps %xmm6, (%rsp)", "movq %xmm6, (%rsp)", 1),
        ("movaps %xmm6, (%rsp)", "movaps %xmm7, (%rsp)", 1),
    ],
)
def test_a_caller_for_windows_finds_vector_registers_as_it_left_them(was, now, breaches):
    assert len(read(SAVES.replace(was, now), "x.s").breaches) == breaches


def test_the_calling_convention_of_windows_is_kept_where_text_is_for_it():
    saved = PLAIN.replace("ecx", "esi")
    assert not read("order:\n" + saved).breaches
    (breach,) = read(MASM + saved.replace("rdi", "rcx") + MASM_END).breaches
    assert "overwrites rsi, which its caller expects back" in breach.message
    att = "movl (%rcx), %eax\nmovl 4(%rcx), %edx\nmovl %eax, %ESI\ncmpl %edx, %eax\n"
    att += "cmovg %edx, %eax\ncmovg %ESI, %edx\nmovl %eax, (%rcx)\nmovl %edx, 4(%rcx)\nret\n"
    for head in (
        "\t.def\torder;\t.scl\t2;\t.type\t32;\t.endef\n\t.seh_proc\torder\norder:\n",
        "\t.def\torder;\n\t.scl\t2;\n\t.type\t32;\n\t.endef\norder:\n\t.seh_endprologue\n",
    ):
        assert verdict(head + att.replace("ESI", "r8d"), "x.s") == "proved"
        assert not read(head + att.replace("ESI", "r8d"), "x.s").breaches
        assert len(read(head + att.replace("ESI", "esi"), "x.s").breaches) == 1


@pytest.mark.parametrize("head", [NASM, MASM, "order(int*):\n"])
def test_a_wrong_kernel_is_refuted_in_every_notation(head):
    assert verdict(head + WRONG) == "refuted"


WINDOWS = PLAIN.replace("ecx", "r8d").replace("rdi", "rcx")


@pytest.mark.parametrize(
    ("first", "last", "wanted"),
    [
        ("mov [rsp+8], rbx", "mov rbx, [rsp+8]", "proved"),
        ("mov [rsp+32], rbx", "mov rbx, [rsp+32]", "proved"),
        ("mov [rsp+8], rbx", "mov rbx, [rsp+16]", "unsafe"),
        ("mov [rsp+40], rbx", "mov rbx, [rsp+40]", None),
        ("mov [rsp+4], rbx", "mov rbx, [rsp+4]", None),
        ("mov [rsp], rbx", "mov rbx, [rsp]", None),
    ],
)
def test_registers_are_saved_where_windows_leaves_room(first, last, wanted):
    text = WINDOWS.replace("r8d", "ebx").replace("ret", f"{last}\n    ret")
    text = f"{MASM}{first}\n{text}{MASM_END}"
    if wanted is None:
        assert "addresses the stack of the caller" in refusal(text)
        return
    file = read(text)
    assert verify(file.kernel).held_against(file.breaches).verdict.name == wanted
    assert "addresses the stack of the caller" in refusal(f"order:\n{first}\n{PLAIN}")


def test_a_semicolon_begins_a_comment_in_text_of_nasm_and_masm():
    lost = "nop ; cmovg edx, r8d"
    for text in (MASM + WINDOWS + MASM_END, NASM + WINDOWS):
        assert verdict(text) == "proved"
        assert verdict(text.replace("cmovg edx, r8d", lost)) == "refuted"
        assert verdict(text.replace("cmovg edx, r8d", ";" + lost)) == "refuted"
    kept = "; outputs: [rcx+4] [rcx]\n"
    assert verdict(kept + NASM + WINDOWS) == "refuted"
    gnu = f".globl order\n{NASM}{WINDOWS}".replace("cmovg edx, r8d", lost)
    assert "an instruction in a comment" in refusal(gnu)


def test_what_masm_adds_to_a_function_is_refused():
    for words in ("PROC USES rbx", "PROC FRAME USES rbx rsi", "PROC p:PTR DWORD"):
        text = MASM.replace("PROC", words) + WINDOWS + MASM_END
        assert "x.asm:3:1: error: MASM puts instructions of its own" in refusal(text)
    assert verdict(MASM.replace("PROC", "PROC FRAME") + WINDOWS + MASM_END) == "proved"


def test_names_as_masm_writes_them_are_jumped_to():
    jump = "jle SHORT $LN3@order\n    mov edx, r8d\n$LN3@order: nop"
    text = MASM + WINDOWS.replace("cmovg edx, r8d", jump) + MASM_END
    with pytest.raises(Branches) as caught:
        read(text)
    assert caught.value.branching.branches == 1


def test_compiler_explorer_labels_stand_in_att_text_too_and_are_chosen_by_name():
    order = "movl (%rdi), %eax\nmovl 4(%rdi), %ecx\nmovl %eax, %edx\ncmpl %ecx, %eax\n"
    order += "cmovg %ecx, %eax\ncmovg %edx, %ecx\nmovl %eax, (%rdi)\nmovl %ecx, 4(%rdi)\nret\n"
    text = f"ns::order(int*):\n{order}order(unsigned int*):\ninc %eax\nret\n"
    for name in ("ns::order", "ns::order(int*)"):
        assert verdict(text, "x.s", function=name) == "proved"
    assert "may be ns::order(int*), order(unsigned int*)" in refusal(text, function="order")
    assert "inc is arithmetic" in refusal(text, function="order(unsigned int*)")


@pytest.mark.parametrize("mark", ["#", "//"])
def test_a_label_that_clang_names_once_more_is_read(mark):
    for body, wanted in ((PLAIN, "proved"), (WRONG, "refuted")):
        assert verdict(f"ns::order(int*):          {mark} @ns::order(int*)\n{body}") == wanted


def test_text_of_clang_for_macos_is_read():
    att = "movl (%rdi), %eax\nmovl 4(%rdi), %ecx\nmovl %ecx, %edx\ncmpl %eax, %ecx\n"
    att += "cmovgl %eax, %ecx\ncmovgl %edx, %eax\nmovl %ecx, (%rdi)\nmovl %eax, 4(%rdi)\nretq\n"
    head = "\t.section\t__TEXT,__text,regular,pure_instructions\n\t.build_version macos, 13, 0\n"
    text = f"{head}\t.globl\t_order  ## @order\n_order:\n## %bb.0:\n{att}.subsections_via_symbols\n"
    assert verdict(text, "x.s") == "proved"
    assert "the assembler says" in refusal(text + ".section __DATA,__data\n", "x.s")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bits 32\norder:\n" + PLAIN, "x.asm:1:1: error: this is code for a processor of 16 or 32"),
        (NASM + "%define KEY eax\n" + PLAIN, "x.asm:8:1: error: a line for NASM's preprocessor"),
        (NASM + " %if 0\ncmp eax, ecx\n%endif\n" + PLAIN, "nasm -E FILE > FILE.asm"),
        ("second equ 010\n" + NASM + PLAIN, "'010' is octal to one assembler"),
        (NASM + "db 1, 2\n" + PLAIN, "x.asm:8:1: error: the assembler says"),
        (NASM + "times 2 nop\n" + PLAIN, "x.asm:8:12: error: the assembler says"),
        (NASM + PLAIN.replace("+4", "+010"), "'010' is octal to one assembler and decimal"),
        ("order:\nmov eax, ecx ; mov ecx, edx\n.text\n" + PLAIN, "an instruction in a comment"),
        ("order:\nnop ; .if 0\n.text\n" + PLAIN, "an instruction in a comment"),
        (".text\norder:\n; mov ecx, edx\n" + PLAIN, "an instruction in a comment"),
        (MASM + PLAIN + "order ENDP\nother PROC\nnop\nother ENDP\n", "holds 2 functions"),
        (
            NASM + PLAIN.replace("ecx, eax", "ecx, eax ; keep \\"),
            "x.asm:10:25: error: NASM reads on",
        ),
        ("order:\n; keep \\\n" + PLAIN, "x.asm:2:8: error: NASM reads on into the next line"),
        (".def order; nop\norder:\n" + PLAIN, "x.asm:1:"),
        ("model flat\n" + PLAIN, "unknown mnemonic 'model'"),
    ],
)
def test_what_is_not_known_of_another_assembler_is_refused(text, message):
    assert message in refusal(text)


def test_words_of_other_assemblers_are_macros_where_macros_are_defined():
    source = Source("x.s", ".macro align n\nnop\n.endm\nalign 4\nend\n")
    assert translated(source) is source


def test_a_translated_text_has_the_lines_of_the_source():
    text = NASM + PLAIN + MASM + PLAIN + MASM_END
    assert len(translated(Source("x", text)).lines) == len(text.splitlines())
    assert "x.asm:7:5: error: the assembler says" in refusal(MASM + "nop\nnop\nnop\n    frob eax\n")


def test_text_without_labels_may_move_two_keys_at_once():
    text = (
        "movq xmm0, [rdi]\npshufd xmm1, xmm0, 0xe1\nmovdqa xmm2, xmm0\npminsd xmm0, xmm1\n"
        "pmaxsd xmm2, xmm1\npunpckldq xmm0, xmm2\nmovq [rdi], xmm0\n"
    )
    assert verdict(text) == "proved"
    assert verdict(text.replace("0xe1", "0xe4")) == "refuted"


OBJDUMP = """
x.o:     file format elf64-x86-64


Disassembly of section .text:

0000000000000010 <order>:
  10:\t8b 07                \tmov    (%rdi),%eax
  12:\t8b 4f 04             \tmov    0x4(%rdi),%ecx
  15:\t89 c2                \tmov    %eax,%edx
  17:\t39 c8                \tcmp    %ecx,%eax
  19:\t0f 4f c1             \tcmovg  %ecx,%eax
  1c:\t0f 4f ca             \tcmovg  %edx,%ecx
  1f:\t0f 1f 84 00 00 00 00 \tnopl   0x0(%rax,%rax,1)
  26:\t00
  27:\t89 07                \tmov    %eax,(%rdi)
  29:\t89 4f 04             \tmov    %ecx,0x4(%rdi)
  2c:\tc3                   \tret

000000000000002d <other>:
  2d:\tff c0                \tinc    %eax
  2f:\te8 00 00 00 00       \tcall   34 <other+0x7>
\t\t\t30: R_X86_64_PLT32\tout-0x4
"""


def test_a_listing_is_read_from_its_bytes():
    assert verdict(OBJDUMP, "x.txt", function="order") == "proved"
    lying = OBJDUMP.replace("cmovg  %edx,%ecx", "nop")
    assert verdict(lying, "x.txt", function="order") == "proved"
    changed = OBJDUMP.replace("0f 4f ca", "0f 4f d1")
    assert verdict(changed, "x.txt", function="order") == "refuted"
    snippet = "\n".join(OBJDUMP.splitlines()[7:18])
    assert verdict(snippet, "x.txt") == "proved"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("elf64-x86-64", "elf32-i386", "x.txt:2:1: error: this is code of the format elf32-i386"),
        ("  15:\t89 c2                \tmov    %eax,%edx\n", "",
         "x.txt:10:3: error: the listing leaves out bytes before this line"),
        ("  2c:\tc3                   \tret\n", "", "order has no ret: it runs on into other"),
        ("  10:\t8b 07                \tmov", "  10:\tmov",
         "x.txt:8:3: error: this is no line of bytes"),
        ("Disassembly", "And", "x.txt:5:1: error: this is no line of bytes"),
        ("0f 4f ca", "06 06 06", "the bytes at 0xc in order are no instruction"),
        ("39 c8   ", "ff c0   ", "x.txt:11:3: error: inc is arithmetic"),
    ],
)  # fmt: skip
def test_a_listing_that_is_not_whole_is_refused(old, new, message):
    assert message in refusal(OBJDUMP.replace(old, new), "x.txt", function="order")


def test_what_a_linker_fills_in_is_refused_in_a_listing():
    loads = OBJDUMP.replace("e8 00 00 00 00    ", "8b 05 00 00 00 00 ")
    assert "refers to out" in refusal(loads, "x.txt", function="other")
    code = read_listing(Source("x", OBJDUMP), "other")
    assert code.function.references == ((0x30, "out-0x4"),)


@pytest.mark.skipif(shutil.which("objdump") is None, reason="needs objdump")
@pytest.mark.parametrize("options", [["-d"], ["-dr", "-M", "intel"], ["-dw"], ["-Cd"]])
def test_what_objdump_prints_of_an_object_file_is_read_as_the_file(tmp_path, options):
    path = tmp_path / "x.o"
    path.write_bytes(assemble(f".intel_syntax noprefix\n.globl order\norder:\n{PLAIN}"))
    listing = subprocess.run(["objdump", *options, path], capture_output=True, text=True).stdout
    assert read(listing, "x.txt").kernel == objects.read(path).kernel


def test_a_listing_in_another_form_is_refused_with_the_form_that_is_read():
    without = "x.o:     file format elf64-x86-64\n\n<order>:\n" + PLAIN
    assert "hand in the object file, or all that objdump -dw prints" in refusal(without, "x.txt")


RUST = 'unsafe fn order(p: *mut i32) { asm!("mov eax, [{p}]", p = in(reg) p); }\n'


@pytest.mark.parametrize(
    ("path", "text", "messages"),
    [
        ("x.rs", RUST, ["this is Rust", "rustc", "--emit obj"]),
        ("x.txt", RUST, ["this is Rust"]),
        ("x.txt", RUST.replace("asm!", "naked_asm!"), ["this is Rust"]),
        ("x.rs", "fn order() {}\n", ["this is Rust"]),
        ("x.s", "TEXT ·order(SB), NOSPLIT, $0-8\n\tMOVQ p+0(FP), DI\n", ["this is Go assembly"]),
        ("x.s", '"".order STEXT nosplit size=32\n', ["this is Go assembly"]),
        ("x.lst", "GAS LISTING x.s \t\t\tpage 1\n", ["this is the report of an assembler"]),
        ("x.zig", 'export fn order() void { asm volatile ("nop"); }\n', ["this is Zig"]),
        ("x.d", "void order(int* q) { asm { nop; } }\n", ["this is D, which", "object file"]),
        ("x.py", "import numba\n\n\ndef sort2(keys):\n    pass\n", ["this is Python", "made from"]),
    ],
)
def test_other_languages_are_named(path, text, messages):
    told = refusal(text, path)
    assert all(message in told for message in messages)


def test_cells_are_accepted_as_notes_print_them_in_every_dialect():
    text = "movl (%rdi), %eax\nmovl 4(%rdi), %ecx\nmovl %eax, 4(%rdi)\nmovl %ecx, (%rdi)\n"
    file = read(text, "x.s")
    cells = file.notes[1].removeprefix("outputs ").partition(",")[0]
    assert cells == "[rdi] [rdi+4]"
    assert read(text, "x.s", outputs=cells).kernel == file.kernel
    swapped = read(text, "x.s", inputs="[rdi+4] [rdi]", outputs="4(%rdi) [rdi]").kernel
    assert swapped.contract.outputs == swapped.contract.inputs
