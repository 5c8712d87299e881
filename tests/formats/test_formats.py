"""What each dialect reads and writes, which one is chosen, and how files are opened."""

import io
import sys
from dataclasses import replace

import pytest
from kernels_by_hand import ALPHADEV3, FAILS_ON_TIES, MINMAX3, SORT2, UNSIGNED2

from sortopt.base.errors import InputError
from sortopt.formats import DIALECTS, by_name, default_title, parse, print_kernel, read
from sortopt.formats.files import LARGEST
from sortopt.formats.registers import REGISTERS, nearest, part, unsuited
from sortopt.model.goal import SORT, Goal
from sortopt.model.isa import Place
from sortopt.model.kernel import Cell, build
from sortopt.model.orders import ALWAYS, parse_precondition
from sortopt.targets import CONDITION_ALIASES, X86, X86_CMOV, X86_MINMAX

OF_X86 = [name for name in DIALECTS if by_name(name).machine is X86]
INTEL = "; inputs: eax ecx\n; outputs: eax ecx\n"
ATT = "# inputs: %eax %ecx\n# outputs: %eax %ecx\n"
APX = {name for name, register in REGISTERS.items() if register.extended}
SORT2_BODY = "mov edx, eax\ncmp ecx, eax\ncmovl eax, ecx\ncmovl ecx, edx\n"


def refusal(text, **options):
    with pytest.raises(InputError) as caught:
        parse(text, **options)
    return caught.value.render()


def names(kernel):
    return [cell.name for cell in kernel.cells]


def test_intel_text_is_destination_first():
    assert parse(INTEL + SORT2_BODY).kernel == SORT2


def test_att_text_is_source_first_with_or_without_suffix():
    plain = "mov %eax, %edx\ncmp %eax, %ecx\ncmovl %ecx, %eax\ncmovl %edx, %ecx\n"
    suffixed = "movl %eax, %edx\ncmpl %eax, %ecx\ncmovll %ecx, %eax\ncmovll %edx, %ecx\n"
    assert parse(ATT + plain).kernel == SORT2
    assert parse(ATT + suffixed).kernel == SORT2


def test_att_semicolon_separates_instructions():
    text = ATT + "movl %eax, %edx; cmpl %eax, %ecx\ncmovl %ecx, %eax; cmovl %edx, %ecx\n"
    assert parse(text).kernel == SORT2


def test_cgo_text_numbers_registers_and_needs_no_directives():
    text = "mov 4 1\nCMP 2 4\nCMOVG 4 2\ncmovg 2 1\ncmp 2 3\ncmovl 1 2\ncmovl 2 3\n"
    text += "CMOVG 1 3\ncmp 3 4\ncmovl 3 4\ncmovg 2 4\n"
    assert parse(text).kernel == FAILS_ON_TIES


def test_cgo_outputs_default_to_the_first_registers():
    text = "cmp 2 3\nmov 4 3\ncmovl 4 2\ncmovg 3 2\ncmp 3 1\nmov 2 1\ncmovl 2 3\ncmovle 3 1\n"
    text += "cmp 4 2\ncmovle 1 4\ncmovg 2 4\n"
    assert parse(text, inputs="1 3 2").kernel == replace(
        ALPHADEV3, cells=tuple(Cell(name) for name in ("eax", "edx", "ecx", "esi"))
    )


def test_cgo_outputs_default_to_as_many_as_the_goal_has():
    kernel = parse("cmp 1 2\ncmovg 1 2\nmov 3 1", goal="min").kernel
    assert kernel.contract.outputs == (0,)


@pytest.mark.parametrize("alias", CONDITION_ALIASES)
@pytest.mark.parametrize("dialect", OF_X86)
def test_condition_aliases_are_read(alias, dialect):
    name = "cmov" + CONDITION_ALIASES[alias]
    instruction = [(X86_CMOV.form(name), ("eax", "ecx"))]
    kernel = build(X86_CMOV, instruction, inputs=["eax", "ecx"], outputs=["eax", "ecx"])
    text = print_kernel(kernel, dialect)
    assert name in text
    assert parse(text.replace(name, "cmov" + alias)).kernel == kernel


@pytest.mark.parametrize("condition", ["l", "g", "le", "ge", "e", "ne", "b", "a", "be", "ae"])
@pytest.mark.parametrize(("suffix", "a", "c"), [("l", "eax", "ecx"), ("q", "rax", "rcx")])
def test_att_suffix_follows_any_condition(condition, suffix, a, c):
    text = f"# inputs: %{a} %{c}\n# outputs: %{a} %{c}\ncmov{condition}{suffix} %{c}, %{a}"
    (instruction,) = parse(text).kernel.instructions
    assert instruction.form.mnemonic == "cmov" + condition
    assert instruction.operands == (0, 1)


@pytest.mark.parametrize("dialect", OF_X86)
@pytest.mark.parametrize("kernel", [ALPHADEV3, MINMAX3, UNSIGNED2], ids=["cmov", "xmm", "unsigned"])
def test_print_then_parse_is_identity_on_known_kernels(kernel, dialect):
    assert parse(print_kernel(kernel, dialect)).kernel == kernel


def test_sixty_four_bit_registers_keep_their_names():
    text = "; inputs: rax r8\n; outputs: rax r8\nmov r15, rax\nmov r8, r15\n"
    kernel = parse(text).kernel
    assert names(kernel) == ["rax", "r8", "r15"]
    assert "cells" not in print_kernel(kernel)


def test_case_of_mnemonics_registers_and_directives_does_not_matter():
    assert parse((INTEL + SORT2_BODY).upper()).kernel == SORT2


def test_printed_text_is_as_the_design_lays_it_out():
    kernel = SORT2.assuming(parse_precondition("b<a"))
    assert print_kernel(kernel, title="swap", expect="proved", source="a  book") == (
        "; swap\n"
        "; inputs:  eax ecx\n"
        "; outputs: eax ecx\n"
        "; assume:  b < a\n"
        "; expect:  proved\n"
        "; source:  a book\n"
        "    mov    edx, eax\n"
        "    cmp    ecx, eax\n"
        "    cmovl  eax, ecx\n"
        "    cmovl  ecx, edx\n"
    )


def test_default_title_tells_goal_keys_and_length():
    assert default_title(ALPHADEV3) == "sort3, 11 instructions"
    assert default_title(SORT2.with_instructions(SORT2.instructions[:1])) == "sort2, 1 instruction"


def test_cells_that_are_no_registers_are_named_by_a_directive():
    kernel = replace(SORT2, cells=tuple(Cell(name) for name in "pqt"))
    for dialect, shown in (("intel", "eax=p"), ("att", "%eax=p"), ("cgo", "1=p")):
        text = print_kernel(kernel, dialect)
        assert f"cells:   {shown} " in text
        assert parse(text).kernel == kernel


def test_names_of_one_physical_register_are_told_apart_by_a_directive():
    kernel = replace(SORT2, cells=(Cell("eax"), Cell("rax"), Cell("esp")))
    assert "cells:   ecx=rax edx=esp\n" in print_kernel(kernel)
    assert parse(print_kernel(kernel)).kernel == kernel


def test_kernel_with_more_cells_than_registers_is_written_in_cgo_only():
    forms = [(X86_MINMAX.form("movdqa"), (f"x{i + 2}", f"x{i}")) for i in range(18)]
    kernel = build(X86_MINMAX, forms, inputs=["x0", "x1"], outputs=["x18", "x19"])
    assert parse(print_kernel(kernel, "cgo")).kernel == kernel
    with pytest.raises(InputError, match="20 cells, but x86-minmax has 16 registers"):
        print_kernel(kernel)


def test_kernel_with_more_cells_than_numbers_is_refused():
    forms = [(X86_MINMAX.form("movdqa"), (f"x{i + 1}", f"x{i}")) for i in range(99)]
    kernel = build(X86_MINMAX, forms, inputs=["x0"], outputs=["x99"])
    with pytest.raises(InputError, match="100 cells"):
        print_kernel(kernel, "cgo")


@pytest.mark.parametrize("name", ["m", "[rdi+04]", "[edi]", "[rsp]", "[rdi+0]"])
def test_memory_cell_that_is_called_by_no_address_is_refused_by_the_printer(name):
    kernel = build(
        X86_CMOV, [(X86_CMOV.form("mov"), ("a", name))], inputs=["a", name], outputs=["a", name],
        place_of={name: Place.MEMORY, "a": Place.REGISTER},
    )  # fmt: skip
    with pytest.raises(InputError, match="is no address"):
        print_kernel(kernel)


@pytest.mark.parametrize("name", ["two words", "a,b", "a=b", ""])
def test_cell_names_that_could_not_be_read_back_are_refused(name):
    kernel = replace(SORT2, cells=(Cell("eax"), Cell("ecx"), Cell(name)))
    with pytest.raises(InputError, match="cannot be written"):
        print_kernel(kernel)


@pytest.mark.parametrize("title", ["inputs: none", "Assume: b<c", "asume: b<c"])
def test_titles_that_would_be_directives_are_refused(title):
    with pytest.raises(InputError, match="directive"):
        print_kernel(SORT2, title=title)


def test_unknown_expectation_is_refused_by_the_printer():
    with pytest.raises(InputError, match="proved or refuted"):
        print_kernel(SORT2, expect="maybe")


@pytest.mark.parametrize(
    ("text", "dialect", "because"),
    [
        (INTEL + SORT2_BODY, "intel", "line 3 names edx without %"),
        (ATT + "mov %eax, %edx", "att", "line 3 names %eax"),
        ("\nmov 3 1\ncmp 1 2", "cgo", "line 2 numbers its registers"),
        ("mov 3, 1\ncmp 1, 2", "cgo", "line 1 numbers its registers"),
        ("; inputs: 1 2\n; outputs: 2 1\n; isa: x86-cmov", "cgo", "line 1 numbers its registers"),
        ("; inputs: %eax\n; outputs: %eax\n; isa: x86-cmov", "att", "line 1 names %eax"),
        ("; inputs: eax\n; outputs: eax\n; isa: x86-cmov", "intel", "line 1 names eax without %"),
    ],
)
def test_dialect_is_chosen_by_the_first_line_that_shows_it(text, dialect, because):
    file = parse(text)
    assert (file.dialect, file.because) == (dialect, because)


def test_explicit_dialect_overrides_detection():
    assert parse(INTEL + SORT2_BODY, dialect="Intel").because == "as asked"
    assert "--dialect intel" in refusal(INTEL + SORT2_BODY, dialect="att")
    assert "did you mean intel?" in refusal(INTEL + SORT2_BODY, dialect="intl")
    assert "choose intel, att, cgo" in refusal(INTEL + SORT2_BODY, dialect="")


def test_directives_are_read():
    text = """; three of four
; inputs:  eax, ecx edx,esi
; outputs: edx
; assume:  a < b and c <= d
; goal:    kth:3
; expect:  Refuted
; source:  somewhere: a book,  page 3
    mov edx, eax
"""
    file = parse(text)
    contract = file.kernel.contract
    assert (contract.inputs, contract.outputs) == ((0, 1, 2, 3), (2,))
    assert contract.assume == parse_precondition("a<b, c<=d")
    assert contract.goal == Goal("kth", (3,))
    assert (file.title, file.expect) == ("three of four", "refuted")
    assert file.source == "somewhere: a book,  page 3"


def test_remarks_behind_directives_are_passed_over():
    text = """; sort3, 11 instructions
; inputs:  eax ecx edx      keys a, b, c on entry, in this order
; outputs: eax ecx edx\t(ascending on exit)
; assume:  b < c            optional: comparisons joined by "," or "and"; also k1 < k2
; goal:    sort             what else
; expect:  proved           what the corpus test must find; or: refuted
    mov   esi, eax
"""
    file = parse(text)
    assert names(file.kernel) == ["eax", "ecx", "edx", "esi"]
    assert file.kernel.contract.assume == parse_precondition("b<c")
    assert (file.kernel.contract.goal, file.expect) == (SORT, "proved")


@pytest.mark.parametrize(
    "line",
    ["inputs: eax  ecz", "inputs: eax   rsp", "inputs: eax ecx edx keys", "assume: a<b  b<c",
     "assume: a<b  or b<a", "assume: a<b  k1<k3", "expect: proved maybe"],
)  # fmt: skip
def test_nothing_that_may_be_part_of_a_value_is_taken_for_a_remark(line):
    text = "; inputs: eax ecx edx\n; outputs: eax ecx edx\nmov esi, eax\n"
    replaced = text.replace("; inputs: eax ecx edx\n", "") if line.startswith("inputs") else text
    assert "error" in refusal(f"; {line}\n{replaced}")


def test_blanks_may_stand_between_the_parts_of_a_precondition():
    assume = parse("; assume: a<b  and   b < a\t, a=b   here\n" + INTEL + SORT2_BODY)
    assert assume.kernel.contract.assume == parse_precondition("a<b, b<a, a=b")


def test_remarks_may_follow_numbered_cells():
    text = "# inputs: 2 1   keys a and b\n# outputs: 1 2\t(ascending)\nmov 3 1\n"
    assert parse(text).kernel.contract.outputs == (1, 0)


@pytest.mark.parametrize(
    "comment",
    ["note: eax holds the least", "step 1: compare", "two inputs: a and b", "cost: 11", "TODO:",
     "see also: book", "https://example.org/a:b", "-- inputs and outputs --", "11:30", ": :"],
)  # fmt: skip
def test_an_ordinary_comment_with_a_colon_stays_a_comment(comment):
    assert parse(f"; title\n; {comment}\n{INTEL}{SORT2_BODY}").kernel == SORT2
    assert parse(f"{INTEL}mov edx, eax ; {comment}\n# {comment}\n{SORT2_BODY}").title == ""


@pytest.mark.parametrize(
    ("word", "meant"),
    [("input", "inputs"), ("ouputs", "outputs"), ("assumes", "assume"), ("precondition", "assume"),
     ("gaol", "goal"), ("expected", "expect"), ("sorce", "source"), ("cell", "cells")],
)  # fmt: skip
def test_a_misspelt_directive_is_an_error(word, meant):
    assert f"did you mean {meant!r}?" in refusal(f"; {word}: x\n{INTEL}{SORT2_BODY}")


@pytest.mark.parametrize("marker", [";", ";;", "#", "//", ";  ", "\t#"])
def test_every_comment_marker_introduces_directives(marker):
    text = (INTEL + SORT2_BODY).replace(";", marker)
    assert parse(text).kernel == SORT2


def test_comments_behind_instructions_are_passed_over():
    body = "mov edx, eax ; mov a away\ncmp ecx, eax # mov eax, eax\ncmovl eax, ecx // min\n"
    assert parse(INTEL + body + "cmovl ecx, edx;max\n").kernel == SORT2


def test_options_override_directives():
    text = "; inputs: ecx eax\n; outputs: ecx eax\n; assume: a<b\n; goal: sort\n" + SORT2_BODY
    assert parse(text, inputs="eax, ecx", outputs="eax ecx", assume="none").kernel == SORT2
    contract = parse(text, outputs="edx", assume="b=a", goal="max").kernel.contract
    assert contract.assume == parse_precondition("b=a")
    assert contract.goal == Goal("max")
    contract = parse(text, assume=ALWAYS, goal=SORT).kernel.contract
    assert (contract.assume, contract.goal) == (ALWAYS, SORT)


def test_options_supply_what_a_file_lacks():
    assert parse(SORT2_BODY, inputs="eax ecx", outputs="eax ecx").kernel == SORT2


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("inputs", "eax ecz", "--inputs:1:5: error: unknown register 'ecz'; did you mean ecx?"),
        ("inputs", " ", "<text>: error: --inputs names no register"),
        ("outputs", "eax,eax", "--outputs:1:5: error: eax is listed twice among the outputs"),
        ("outputs", "eax esi", "--outputs:1:5: error: output esi is never written"),
        ("assume", "b <", "--assume:1:3: error: this comparison is incomplete"),
        ("assume", "a < c", "--assume:1:1: error: the precondition names key 'c'"),
        ("goal", "sorted", "--goal:1:1: error: unknown goal 'sorted'"),
    ],
)
def test_faults_in_options_are_placed_in_the_option(option, value, message):
    assert refusal(INTEL + SORT2_BODY, **{option: value}).startswith(message)


def test_goal_that_does_not_fit_is_an_error():
    rendered = refusal(INTEL + SORT2_BODY, goal=Goal("kth", (3,)))
    assert rendered.startswith("<text>: error: goal kth:3 asks for key 3 of 2")


def test_goal_and_precondition_that_do_not_fit_numbered_cells_are_placed():
    text = "# goal: kth:3\ncmp 1 2\nmov 3 1\n"
    assert refusal(text).startswith("<text>:1:9: error: goal kth:3 asks for key 3 of 2")
    beyond = parse_precondition("a<c")
    assert "names key 'c', but there are 2 keys" in refusal("cmp 1 2\nmov 3 1\n", assume=beyond)


def test_precondition_none_in_a_file_is_no_precondition():
    assert parse("; assume: none\n" + INTEL + SORT2_BODY).kernel == SORT2


def test_kernel_without_instructions_needs_its_instruction_set_named():
    kernel = build(X86_MINMAX, [], inputs=["xmm0"], outputs=["xmm0"])
    assert "isa:     x86-minmax\n" in print_kernel(kernel)
    assert parse(print_kernel(kernel)).kernel == kernel
    assert "there is no instruction" in refusal(INTEL)


def test_register_names_of_all_widths_are_known():
    assert {REGISTERS[n].family for n in ("rax", "eax", "ax", "al", "ah")} == {"a"}
    assert [REGISTERS[n].width for n in ("r9", "r9d", "r9w", "r9b", "r9l")] == [64, 32, 16, 8, 8]
    assert [REGISTERS[n].width for n in ("rsi", "esi", "si", "sil")] == [64, 32, 16, 8]
    assert REGISTERS["xmm15"].place is Place.VECTOR
    assert [REGISTERS[n].width for n in ("r16", "r31d", "r20w", "r24b")] == [64, 32, 16, 8]
    families = {r.family: r.extended for r in REGISTERS.values() if r.place is Place.REGISTER}
    assert (len(families), sum(families.values())) == (32, 16)


def test_every_register_that_a_printer_uses_can_hold_a_key():
    for isa in (X86_CMOV, X86_MINMAX):
        assert all(name in REGISTERS and unsuited(name) is None for name in isa.registers)


@pytest.mark.parametrize("name", ["esp", "rsp", "ax", "bl", "ymm3", "mm1", "rip", "cs", "k1"])
def test_registers_that_hold_no_key_are_told_from_unknown_ones(name):
    assert unsuited(name)
    assert f"{name} {unsuited(name)}" in refusal(f"{INTEL}mov eax, {name}")


def test_nearest_register_is_a_usable_one():
    assert nearest("edz") in ("edx", "edi")
    assert nearest("r88d") == "r8d"
    assert nearest("keys") is None
    assert nearest("r1d") not in APX
    assert nearest("r30x") == "r30"


def wide_kernel(cells, wide=False):
    """Return the lowered comparator of the first and the last of as many registers."""
    found = [part(REGISTERS[r].family, 64) if wide else r for r in X86_CMOV.registers[:cells]]
    first, last, spare = found[0], found[-2], found[-1]
    mov, cmp, cmovg = (X86_CMOV.form(m) for m in ("mov", "cmp", "cmovg"))
    program = [(mov, (r, first)) for r in found[1:-2]]
    program += [
        (mov, (spare, first)), (cmp, (first, last)), (cmovg, (first, last)), (cmovg, (last, spare)),
    ]  # fmt: skip
    return build(X86_CMOV, program, inputs=[first, last], outputs=[first, last])


@pytest.mark.parametrize("dialect", OF_X86)
@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("cells", [15, 16, 17, 31])
def test_kernels_of_up_to_thirty_one_cells_are_read_back(cells, wide, dialect):
    kernel = wide_kernel(cells, wide)
    text = print_kernel(kernel, dialect)
    assert parse(text).kernel == kernel
    assert print_kernel(parse(text).kernel, dialect) == text
    said = text.count(" needs Intel APX: registers r16 to r31\n")
    assert said == (cells > 15 and dialect != "cgo")
    assert parse(text).title == default_title(kernel)


def test_names_that_are_no_registers_become_registers_of_apx_last():
    cells = [f"c{i}" for i in range(18)]
    mov = X86_CMOV.form("mov")
    kernel = build(X86_CMOV, [(mov, (c, "c0")) for c in cells[1:]], inputs=["c0"], outputs=["c0"])
    text = print_kernel(kernel)
    assert "r15d=c14 r16d=c15 r17d=c16 r18d=c17\n" in text
    assert parse(text).kernel == kernel


def test_more_cells_than_apx_has_registers_are_refused():
    cells = [f"c{i}" for i in range(32)]
    mov = X86_CMOV.form("mov")
    kernel = build(X86_CMOV, [(mov, (c, "c0")) for c in cells[1:]], inputs=["c0"], outputs=["c0"])
    with pytest.raises(InputError, match=r"32 cells, but x86-cmov has 31 registers; .*use cgo"):
        print_kernel(kernel, "att")
    assert parse(print_kernel(kernel, "cgo")).kernel == kernel


def test_read_opens_files_whatever_their_line_endings(tmp_path):
    path = tmp_path / "sort2.asm"
    path.write_bytes(b"\xef\xbb\xbf" + (INTEL + SORT2_BODY).replace("\n", "\r\n").encode())
    assert read(path).kernel == SORT2
    assert read(str(path), assume="a<b").kernel == SORT2.assuming(parse_precondition("a<b"))


def test_read_takes_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO((INTEL + "mov eax").encode())))
    with pytest.raises(InputError) as caught:
        read("-")
    assert caught.value.render().startswith("<stdin>:3:5: error: mov takes 2 operands, not 1")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b" \r\n\t\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\x7fELF\0\0\1", "is a binary file"),
        (b"; caf\xe9\nmov eax, ecx\n", r"is not UTF-8 text \(byte 6, line 1\)"),
        (b"; long\n" * (LARGEST // 7 + 1), "is larger than 1 MiB"),
    ],
    ids=["empty", "blank", "mark", "binary", "latin-1", "large"],
)
def test_read_refuses_what_is_no_kernel_file(tmp_path, data, message):
    path = tmp_path / "kernel.asm"
    path.write_bytes(data)
    with pytest.raises(InputError, match=message) as caught:
        read(path)
    assert "\n" not in caught.value.render()


def test_read_refuses_what_cannot_be_opened(tmp_path):
    for path, message in ((tmp_path, "is a folder"), (tmp_path / "none.asm", "there is no file")):
        with pytest.raises(InputError, match=message):
            read(path)
    for path in (tmp_path / "kernel.asm" / "x", "a\0b", "x" * 5000):
        with pytest.raises(InputError, match=r"cannot read|there is no file"):
            read(path)


def test_read_refuses_an_unreadable_file(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(InputError, match="Permission denied"):
        read(tmp_path / "kernel.asm")
