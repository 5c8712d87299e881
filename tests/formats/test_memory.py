"""Kernels that load from and store to a buffer: how they are read, and what they mean."""

import pytest
from kernels_by_hand import SORT2

from sortopt.base.errors import InputError
from sortopt.formats import parse, print_kernel
from sortopt.model.interpreter import run
from sortopt.model.isa import Place
from sortopt.model.kernel import build
from sortopt.networks import best
from sortopt.networks.lowering import lower
from sortopt.targets import X86_CMOV
from sortopt.verify import verify

SORT2_IN_PLACE = """
    mov eax, [rdi]
    mov ecx, dword ptr [rdi + 0x4]
    cmp eax, ecx
    mov edx, eax
    cmovg eax, ecx
    cmovg ecx, edx
    mov [rdi], eax
    mov DWORD PTR 4[rdi], ecx
    ret
"""
MIN_OF_TWO = "mov eax, [rdi]\ncmp eax, [rdi+4]\ncmovg eax, [rdi+4]\n"


def refusal(text, **options):
    with pytest.raises(InputError) as caught:
        parse(text, **options)
    return caught.value.render()


def cells(kernel, numbers):
    return [kernel.cells[number].name for number in numbers]


def test_contract_is_read_off_loads_and_stores_and_said():
    file = parse(SORT2_IN_PLACE)
    contract = file.kernel.contract
    assert cells(file.kernel, contract.inputs) == ["[rdi]", "[rdi+4]"]
    assert contract.outputs == contract.inputs
    assert file.notes == (
        "inputs [rdi] [rdi+4], as the loads tell",
        "outputs [rdi] [rdi+4], as the stores tell",
    )
    assert (len(file.kernel), file.kernel.memory_moves, file.width) == (8, 4, 32)
    assert verify(file.kernel).verdict.name == "proved"


def test_outputs_may_lie_behind_the_inputs():
    text = SORT2_IN_PLACE.replace("[rdi], eax", "[rdi+8], eax").replace("4[rdi], e", "12[rdi], e")
    kernel = parse(text).kernel
    assert cells(kernel, kernel.contract.outputs) == ["[rdi+8]", "[rdi+12]"]
    assert verify(kernel).verdict.name == "proved"


def test_a_cell_that_keeps_its_key_need_not_be_stored():
    text = "mov eax, [rdi]\ncmp eax, [rdi+4]\nmov ecx, [rdi+4]\nmov [rdi+4], ecx\n"
    kernel = parse(text, assume="a<=b").kernel
    assert kernel.contract.outputs == kernel.contract.inputs
    assert verify(kernel).verdict.name == "proved"


def test_outputs_in_registers_are_named():
    kernel = parse(MIN_OF_TWO, goal="min", outputs="eax").kernel
    assert cells(kernel, kernel.contract.inputs) == ["[rdi]", "[rdi+4]"]
    assert verify(kernel).verdict.name == "proved"
    assert "outputs are not named" in refusal(MIN_OF_TWO)


def test_directives_and_options_name_memory_cells():
    text = "; inputs: [rdi+4], [rdi]   (b first)\n; outputs: [ rdi ] [rdi + 4]\n" + SORT2_IN_PLACE
    kernel = parse(text).kernel
    assert cells(kernel, kernel.contract.inputs) == ["[rdi+4]", "[rdi]"]
    assert cells(kernel, kernel.contract.outputs) == ["[rdi]", "[rdi+4]"]
    kernel = parse(SORT2_IN_PLACE, inputs="[rdi] [rdi+4]", outputs="[rdi+4] [rdi]").kernel
    assert verify(kernel).verdict.name == "refuted"


def test_negative_offsets_are_read_where_they_are_named():
    text = "mov eax, [rdi-4]\nmov [rdi-4], eax\n"
    assert "before the buffer" in refusal(text)
    kernel = parse(text, inputs="[rdi-4]", outputs="[rdi-4]").kernel
    assert cells(kernel, kernel.contract.inputs) == ["[rdi-4]"]
    kernel = parse("movl -4(%rdi), %eax", dialect="att", inputs="-4(%rdi)", outputs="%eax").kernel
    assert cells(kernel, kernel.contract.inputs) == ["[rdi-4]"]


def test_a_cell_written_and_read_back_is_no_input():
    text = (
        "mov eax, [rdi]\nmov ecx, [rdi+4]\nmov [rdi+8], ecx\nmov edx, [rdi+8]\nmov [rdi+12], edx\n"
    )
    kernel = parse(text).kernel
    assert cells(kernel, kernel.contract.inputs) == ["[rdi]", "[rdi+4]"]
    assert cells(kernel, kernel.contract.outputs) == ["[rdi+8]", "[rdi+12]"]


def test_an_output_written_too_early_and_read_again_holds_what_was_written():
    text = "mov eax, [rdi]\nmov ecx, [rdi+4]\nmov [rdi+4], eax\nmov edx, [rdi+4]\nmov [rdi], edx\n"
    kernel = parse(text).kernel
    assert run(kernel, (7, 9)) == (7, 7)
    verdict = verify(kernel).verdict
    assert verdict.counterexample.inputs == (1, 2)
    assert verdict.counterexample.outputs == (1, 1)


def test_memory_operands_of_cmp_and_cmov_read_the_cell():
    kernel = parse(MIN_OF_TWO, goal="min", outputs="eax").kernel
    assert [kernel.cells[i.reads[-1]].place for i in kernel.instructions[:1]] == [Place.MEMORY]
    assert [run(kernel, keys) for keys in ((1, 2), (2, 1), (3, 3))] == [(1,), (1,), (3,)]
    assert kernel.memory_moves == 1


def test_both_syntaxes_read_the_same_cells():
    att = (
        "movl (%rdi), %eax\nmovl 4(%rdi), %ecx\ncmpl %ecx, %eax\nmovl %eax, %edx\n"
        "cmovgl %ecx, %eax\ncmovgl %edx, %ecx\nmovl %eax, (%rdi)\nmovl %ecx, 0x4(%rdi)\nretq\n"
    )
    assert parse(att).kernel == parse(SORT2_IN_PLACE).kernel
    assert parse(print_kernel(parse(SORT2_IN_PLACE).kernel, "att")).kernel == parse(att).kernel


def test_vector_cells_have_sixteen_bytes():
    text = "movdqa xmm0, [rdi]\nmovdqa xmm1, xmm0\npminsd xmm0, [rdi+16]\npmaxsd xmm1, [rdi+16]\n"
    kernel = parse(text + "movdqa [rdi], xmm0\nmovdqa [rdi+16], xmm1\n").kernel
    assert verify(kernel).verdict.name == "proved"
    assert "overlaps" in refusal(text.replace("+16", "+8"))


def test_a_64_bit_copy_of_a_32_bit_key_is_a_copy():
    kernel = parse(SORT2_IN_PLACE.replace("mov edx, eax", "mov rdx, rax")).kernel
    assert kernel == parse(SORT2_IN_PLACE).kernel


def test_a_32_bit_write_of_a_64_bit_key_is_refused():
    text = (SORT2_IN_PLACE.replace("ea", "ra").replace("ec", "rc").replace("dword", "qword")
            .replace("DWORD", "QWORD").replace("4", "8"))  # fmt: skip
    text = text.replace("edx", "rdx")
    assert parse(text).width == 64
    assert "clears the upper half of rdx" in refusal(text.replace("mov rdx, rax", "mov edx, eax"))


def test_keys_may_be_named_by_wider_registers_than_are_compared():
    text = "; inputs: rax rcx\n; outputs: rax rcx\nmov edx, eax\ncmp ecx, eax\n"
    text += "cmovl eax, ecx\ncmovl ecx, edx\n"
    assert parse(text).kernel == SORT2
    narrow = text.replace("edx, eax", "rdx, rax").replace("ecx, eax", "rcx, rax")
    assert "clears the upper half" in refusal(narrow)
    wide = "; inputs: eax\n; outputs: eax\nmov rcx, rax\nmov rax, rcx\ncmp rax, rcx\n"
    assert "eax is 32 bits wide, but keys are 64" in refusal(wide)


def test_the_base_register_may_hold_a_key_once_its_address_is_not_needed():
    text = "mov eax, [rdi]\nmov ecx, [rdi+4]\nmov edi, eax\ncmp edi, ecx\ncmovg edi, ecx\n"
    assert verify(parse(text, goal="min", outputs="edi").kernel).verdict.name == "proved"
    early = text.replace("[rdi+4]\nmov edi, eax", "eax\nmov edi, eax\nmov ecx, [rdi+4]")
    assert "no longer holds the buffer's address: line 3" in refusal(early)
    assert "holds the buffer's address, not a key" in refusal(text, inputs="edi", outputs="eax")


def test_printer_chooses_no_register_that_addresses_the_buffer():
    kernel = parse(SORT2_IN_PLACE.replace("eax", "edx").replace("edx, edx", "ebx, edx")).kernel
    text = print_kernel(kernel)
    assert parse(text).kernel == kernel


def in_buffer(n, base, registers):
    """Return the kernel that loads n keys from a buffer, sorts them, and stores them."""
    inner, (mov, *_) = lower(best(n), cells=registers), X86_CMOV.forms.values()
    cells = [f"[{base}+{4 * i}]" if i else f"[{base}]" for i in range(n)]
    held = [inner.cells[c].name for c in inner.contract.outputs]
    program = [(mov, pair) for pair in zip(registers[:n], cells, strict=True)]
    program += [
        (i.form, tuple(inner.cells[c].name for c in i.operands)) for i in inner.instructions
    ]
    program += [(mov, pair) for pair in zip(cells, held, strict=True)]
    places = dict.fromkeys(cells, Place.MEMORY)
    return build(X86_CMOV, program, inputs=cells, outputs=cells, place_of=places)


@pytest.mark.parametrize("dialect", ["intel", "att"])
@pytest.mark.parametrize("base", ["rdi", "rax", "r20"])
@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("n", [3, 16])
def test_registers_and_the_buffers_address_never_clash_in_print(n, named, base, dialect):
    registers = [r if named else f"c{r}" for r in X86_CMOV.registers[: n + 1]]
    kernel = in_buffer(n, base, registers)
    text = print_kernel(kernel, dialect)
    assert parse(text).kernel == kernel
    assert ("needs Intel APX" in text) == (n == 16 or base == "r20")


def test_only_the_register_that_clashes_is_called_otherwise():
    text = print_kernel(in_buffer(3, "rsi", ["esi", "eax", "ecx", "r9d"]))
    assert "; cells:   edx=esi\n" in text
    assert "    mov    edx, [rsi]\n    mov    eax, [rsi+4]\n" in text


def test_a_base_register_that_is_overwritten_last_keeps_its_name():
    text = "; outputs: edi\n" + MIN_OF_TWO + "mov edi, eax\n"
    kernel = parse(text, inputs="[rdi] [rdi+4]", goal="min").kernel
    assert "mov    edi, eax\n" in print_kernel(kernel)
    assert parse(print_kernel(kernel)).kernel == kernel
    swapped = parse(text.replace("mov edi, eax", "cmp eax, edx\nmov edx, eax"),
                    inputs="[rdi] [rdi+4]", outputs="edx", goal="min").kernel  # fmt: skip
    assert parse(print_kernel(swapped)).kernel == swapped


def test_more_registers_than_the_address_leaves_are_refused():
    mov = X86_CMOV.form("mov")
    program = [(mov, (f"c{i}", "[rdi]")) for i in range(31)] + [(mov, ("[rdi]", "c0"))]
    kernel = build(
        X86_CMOV, program, inputs=["[rdi]"], outputs=["[rdi]"], place_of={"[rdi]": Place.MEMORY}
    )
    with pytest.raises(InputError, match="31 cells, but x86-cmov has 30 registers beside the one"):
        print_kernel(kernel)
