"""Text for an assembler is read as the machine would run it, or refused by name."""

import pytest

from sortopt import objects
from sortopt.base.errors import InputError
from sortopt.native.assembler import AssemblyError, assemble
from sortopt.objects import Branches
from sortopt.verify import verify

LOADS = ("movl (%rdi), %eax", "movl 4(%rdi), %ecx")
ORDER = ("movl %eax, %edx", "cmpl %ecx, %eax", "cmovg %ecx, %eax")
LAST = "cmovg %edx, %ecx"
STORES = ("movl %eax, (%rdi)", "movl %ecx, 4(%rdi)")
HEAD = (".text", ".globl order", ".type order, @function", "order:")
TAIL = ("ret", ".size order, .-order")
SPOIL = "movl %eax, 4(%rdi)"
"""What makes a right kernel wrong where it runs behind it."""


def text(*last, head=HEAD, tail=TAIL):
    """Return a function that sorts two keys if `last` does what LAST does."""
    return "\n".join([*head, *LOADS, *ORDER, *last, *STORES, *tail, ""])


def verdict(written, path="x.s", **options):
    return verify(objects.read(path, text=written, **options).kernel).verdict.name


def refusal(written, path="x.s", **options):
    with pytest.raises(InputError) as caught:
        objects.read(path, text=written, **options)
    return caught.value.render()


@pytest.mark.parametrize(
    "last",
    [
        [LAST],
        [".if 1", LAST, ".endif"],
        [".set N, 2", ".if N == 3", SPOIL, ".elseif N == 2", LAST, ".else", SPOIL, ".endif"],
        [".if 0", ".if 1", SPOIL, ".endif", ".else", ".if 1", LAST, ".endif", ".endif"],
        [".ifdef nowhere", SPOIL, ".else", LAST, ".endif"],
        [".macro take from, to=%ecx", "cmovg \\from, \\to", ".endm", "take %edx"],
        [".macro pick n", ".if \\n", LAST, ".else", SPOIL, ".endif", ".endm", "pick 1"],
        [".macro never", SPOIL, ".endm", LAST],
        [".rept 2", LAST, ".endr"],
        [".irp r, %edx", "cmovg \\r, %ecx", ".endr"],
        ['.pushsection .text.cold,"ax",@progbits', SPOIL, "ret", ".popsection", LAST],
        [".subsection 2", SPOIL, ".previous", LAST],
        [".byte 0x0f, 0x4f, 0xca"],
        [".p2align 5", LAST],
        [".skip 3, 0x90", LAST],
        [".Lhere:", "1:", LAST],
        ["nop", "nopw 0(%rax,%rax,1)", LAST],
        [f"/* {SPOIL}", "*/", LAST],
        [f"# {SPOIL}", LAST, f"// {SPOIL}"],
        [f"nop; {LAST}; nop"],
        [".intel_syntax noprefix", "cmovg ecx, edx", ".att_syntax"],
        [".cfi_startproc", LAST, ".cfi_endproc"],
        ['.file 0 "/tmp" "s.c"', '.file 1 "s.c"', ".loc 1 3 18 view -0", LAST,
         ".loc 1 3 9 is_stmt 0 view .LVU2 # s.c:3", ".pushsection .debug_loclists",
         ".uleb128 .LVU2", ".popsection"],
        ["/*", f".loc 1 3 */ {LAST}"],
        ['.file 1 "s.c"', f".loc 1 3; {LAST}"],
    ],
)  # fmt: skip
def test_what_runs_is_judged_and_nothing_else(last):
    assert verdict(text(*last)) == "proved"


@pytest.mark.parametrize(
    "last",
    [
        [],
        [".if 0", LAST, ".endif"],
        [".ifdef nowhere", LAST, ".endif"],
        [".macro never", LAST, ".endm"],
        [".macro cmovg from, to", "mov \\from, \\to", ".endm", LAST],
        [".rept 0", LAST, ".endr"],
        ['.pushsection .text.cold,"ax",@progbits', LAST, ".popsection"],
        [f"# \f{LAST}"],
        [f"# \v{LAST}"],
        [f"# \u2028{LAST}"],
        [f"# \x85{LAST}"],
        [f"/* {LAST} */"],
        [LAST, "movl %edx, %ecx"],
        [".rept 2", LAST, "movl %eax, %edx", ".endr"],
    ],
)
def test_what_does_not_run_does_not_count(last):
    assert verdict(text(*last)) == "refuted"


@pytest.mark.parametrize(
    ("last", "message"),
    [
        ([".byte 0x06"], "x.s: error: the bytes at 0xc in order are no instruction"),
        ([".org order + 40", LAST], "x.s:10:1: error: add is arithmetic"),
        ([".long keys", LAST], "x.s:10:1: error:"),
        (["jmp 1f", "1:", LAST], "x.s:10:1: error: jmp is a jump"),
        (["rep " + LAST], "x.s:10:1: error: an instruction with a prefix"),
        (["movddup %xmm0, %xmm1"], "x.s:10:1: error: unknown mnemonic 'movddup'"),
        (["es movl (%rdi), %edx"], "segment registers are outside the model"),
        (["movl (%edi), %edx"], "x.s:10:6: error: edi is 32 bits wide; an address has 64"),
        ([".reloc ., R_X86_64_PC32, there", LAST], "this refers to there"),
        ([".macro add1", "inc %eax", ".endm", "add1"], "x.s:11:1: error: inc is arithmetic"),
        ([".rept 2", "nop", "inc %eax", ".endr"], "x.s:12:1: error: inc is arithmetic"),
        ([".byte 0xff, 0xc0"], "x.s:10:1: error: inc is arithmetic"),
        (["frob %eax"], "x.s:10:1: error: the assembler says: invalid instruction mnemonic"),
        ([".macro f", "frob %eax", ".endm", "f"], "instruction mnemonic 'frob' (in a macro)"),
        ([".macro f", LAST], "no matching '.endmacro'"),
        ([".if 1", LAST], "unmatched .ifs"),
        ([".endif", LAST], "x.s:10:1: error: the assembler says: Encountered a .endif"),
        (["\x0c" + LAST], "x.s:10:1: error: the assembler says: invalid character"),
        ([f"# \r{LAST}"], "x.s:10:1: error: a carriage return inside a line"),
        ([".code32", LAST], "x.s:10:1: error: this is code for a processor of 16 or 32 bits"),
        (['.include "y.s"'], "x.s:10:1: error: this directive reads another file"),
        ([".end"], "order has no ret"),
    ],
)  # fmt: skip
def test_what_is_outside_the_model_is_refused_with_its_line(last, message):
    assert message in refusal(text(*last))


def test_a_text_opens_no_file_whatever_its_macros_spell(tmp_path):
    (tmp_path / "secret").write_text("ret\n")
    spelled = [".macro open how", f'.in\\how "{tmp_path}/secret"', ".endm"]
    for how in ("cbin", "clude"):
        assert "Could not find" in refusal(text(*spelled, f"open {how}"))


AFTER = (".globl after", ".type after, @function", "after:", SPOIL, "ret", ".size after, .-after")


@pytest.mark.parametrize(
    ("head", "tail", "behind"),
    [
        (HEAD, [".size order, .-order", *AFTER], "after"),
        (HEAD, AFTER, "after"),
        (HEAD, [], "the end of its section"),
        (HEAD, ["nop"], "the end of its section"),
        (HEAD, [".size order, 9", "ret"], "other code"),
        (["order:"], [], "the end of its section"),
    ],
)
def test_a_function_without_ret_runs_on(head, tail, behind):
    written = text(LAST, head=head, tail=tail)
    for path, given in (("x.s", written), ("x.o", None)):
        told = refusal(written, function="order") if given else object_refusal(written)
        assert f"order has no ret: it runs on into {behind}" in told, path


def object_refusal(written):
    from sortopt.objects.decode import listed, program
    from sortopt.objects.elf import ElfFile

    with pytest.raises(InputError) as caught:
        program(listed(ElfFile(assemble(written), "x.o").function("order"), "x.o"))
    return caught.value.render()


def test_plain_labels_that_fall_through_are_read_as_they_run():
    written = text(LAST, head=["order:"], tail=["after:", SPOIL, "ret"])
    assert verdict(written, function="order") == "refuted"
    assert verdict(text(LAST, head=["order:"], tail=["done:", "ret"]), function="order") == "proved"


@pytest.mark.parametrize(
    ("end", "message"),
    [
        ("ret $8", "ret leaves the kernel"),
        ("lret", "unknown mnemonic 'retf'"),
        ("jmp other", "this jumps to other, which is not followed"),
        ("call other", "this calls other, which is not followed"),
        ("ud2", "ud2 is no move"),
        ("retw", "an instruction with a prefix"),
        (".byte 0x48, 0x66, 0xc3", "an instruction with a prefix"),
        (".byte 0x66; jmp 1f; 1: ret", "an instruction with a prefix"),
        (".byte 0x66; jle 1f; 1: ret", "an instruction with a prefix"),
    ],
)
def test_only_a_plain_return_ends_a_function(end, message):
    assert message in refusal(text(LAST, tail=[end]))


@pytest.mark.parametrize("end", ["ret", "retq", "rep ret", "repz retq", "ret $0", "notrack ret"])
def test_any_spelling_of_a_return_ends_a_function(end):
    assert verdict(text(LAST, tail=[end])) == "proved"


@pytest.mark.parametrize(
    ("head", "function"),
    [
        ([".weak order", ".type order, @function", "order:"], None),
        (["order:"], None),
        ([".type order, @function", "order:"], "order"),
        (['.section .text.order,"ax",@progbits', *HEAD[1:]], None),
        ([*HEAD, "endbr64", ".cfi_startproc"], None),
        ([".globl other", ".set other, order", *HEAD], "other"),
        ([".globl other", "other = order", *HEAD], None),
    ],
)
def test_a_function_is_found_however_it_is_declared(head, function):
    tail = [".cfi_endproc", *TAIL] if ".cfi_startproc" in head else TAIL
    assert verdict(text(LAST, head=head, tail=tail), function=function) == "proved"


def test_a_function_that_another_one_chooses_is_refused():
    head = [".type order, @gnu_indirect_function", "order:"]
    assert "order is chosen among several functions" in refusal(text(LAST, head=head))


def test_several_functions_are_listed_and_a_plain_label_can_be_named():
    two = text(LAST) + ".type other, @function\nother: inc %eax\nret\n"
    assert "holds 2 functions: order, other; give --function" in refusal(two)
    assert "there is order, other" in refusal(two, function="zzz")
    assert "did you mean other?" in refusal(two, function="othr")
    plain = text(LAST) + "label: inc %eax\nret\n"
    assert verdict(plain) == "proved"
    assert "inc is arithmetic" in refusal(plain, function="label")


def test_a_text_without_a_name_that_returns_is_a_function():
    saved = ("pushq %rbx", *LOADS, *ORDER, LAST, *STORES, "popq %rbx", "ret")
    assert verdict("\n".join(saved)) == "proved"
    branch = (*LOADS, "cmpl %ecx, %eax", "jle .L2", "movl %ecx, (%rdi)", "movl %eax, 4(%rdi)")
    with pytest.raises(Branches):
        objects.read("x.s", text="\n".join([*branch, ".L2:", "ret"]))


def test_the_keys_behind_several_pointers_are_named_in_the_hint():
    apart = text(LAST).replace("4(%rdi)", "(%rsi)")
    assert 'give for example --inputs "[rdi] [rsi]"' in refusal(apart, distinct_buffers=True)
    cells = {"inputs": "[rdi] [rsi]", "outputs": "[rdi] [rsi]"}
    assert verdict(apart, distinct_buffers=True, **cells) == "proved"


def test_a_text_without_labels_is_one_piece_of_code():
    lines = [*LOADS, *ORDER, LAST, *STORES]
    for start in ([".text"], ['.section .text.k,"ax"'], ["/* a comment */"]):
        assert verdict("\n".join([*start, *lines, ""])) == "proved"
    two = "\n".join([".text", *lines, '.section .text.k,"ax"', "nop", ""])
    assert "code in 2 sections, and no label" in refusal(two)
    assert "leave out --function" in refusal("\n".join([".text", *lines, ""]), function="f")
    assert "holds no code" in refusal(".data\nx: .long 1\n")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("x.S", "#if 0"),
        ("x.S", "# define KEY %eax"),
        ("x.S", "#include <asm.h>"),
        ("x.S", "# a comment that goes on \\"),
        ("x.S", "// so does this \\"),
        ("x.S", "# a comment that begins another /*"),
        ("x.s", "#if 0"),
        ("x.asm", "#define KEY eax"),
    ],
)
def test_what_the_c_preprocessor_would_change_is_refused_with_the_way_out(path, line):
    told = refusal(text(line, LAST), path=path)
    assert told.startswith(f"{path}:10:")
    assert "gcc -E FILE > FILE.s" in told


def test_comments_that_mean_nothing_to_a_preprocessor_are_passed_over():
    assert verdict(text("# if a > b, take b", LAST)) == "proved"
    assert verdict(text("# note: include the last", LAST), path="x.S") == "proved"


def test_line_feeds_and_carriage_returns_end_a_line_together():
    assert verdict(text(LAST).replace("\n", "\r\n")) == "proved"


def test_directives_of_a_kernel_are_read_in_front_of_assembly():
    registers = ["order:", *ORDER, LAST, "ret", ""]
    header = ["# inputs: %eax %ecx", "# outputs: %eax %ecx"]
    assert verdict("\n".join([*header, *registers])) == "proved"
    assert verdict("\n".join(registers), inputs="%eax %ecx", outputs="%ecx %eax") == "refuted"


def test_an_assembler_that_was_ended_is_started_anew():
    with pytest.raises(AssemblyError, match=r"too much time or memory|out of memory"):
        assemble(".zero 100000000000\n")
    assert assemble("ret\n").startswith(b"\x7fELF")


def test_what_a_text_prints_is_no_part_of_its_object_file():
    assert assemble('.print "hello"\nret\n').startswith(b"\x7fELF")
    assert verdict(text('.print "hello"', '.warning "hm"', LAST)) == "proved"


OTHER = ("other:", "movl (%rdi), %eax", "nonsense %eax", "ret", "")


@pytest.mark.parametrize("around", [(text(LAST), *OTHER), (*OTHER, text(LAST))])
def test_an_unknown_instruction_of_another_function_does_not_matter(around):
    written = "\n".join(around)
    assert verdict(written, function="order") == "proved"
    assert verdict(written.replace("cmovg %edx", "cmovl %edx"), function="order") == "refuted"
    assert "invalid instruction mnemonic 'nonsense'" in refusal(written, function="other")
    assert "give --function" in refusal(written)


@pytest.mark.parametrize(
    ("last", "message"),
    [
        ([LAST, "jmp other"], "other runs on into end"),
        ([".if end - other > 6", SPOIL, ".endif", LAST], "nonsense %eax"),
        (["nonsense %edx"], "nonsense %edx"),
    ],
)
def test_an_unknown_instruction_that_matters_is_refused(last, message):
    assert message in refusal("\n".join((*OTHER, "end:", text(*last))), function="order")
