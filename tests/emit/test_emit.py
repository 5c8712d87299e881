import os
import random
from dataclasses import replace

import places
import pytest
from kernels_by_hand import (
    ALPHADEV3,
    FAILS_ON_TIES,
    IN_MEMORY3,
    MEDIAN3,
    MINMAX3,
    NETWORK8,
    SORT2,
    network,
)

from sortopt.base.errors import InputError, LimitReached
from sortopt.emit import TARGETS, Provenance, Request, emit, emit_library
from sortopt.formats import parse
from sortopt.model import KEY_TYPES
from sortopt.model.interpreter import run
from sortopt.model.kernel import build
from sortopt.model.machine import Place
from sortopt.model.orders import parse_precondition
from sortopt.model.verdict import (
    Breach,
    Counterexample,
    Judgement,
    MethodVerdict,
    Proved,
    Refuted,
    Unknown,
    Unsafe,
)
from sortopt.native.assembler import assemble
from sortopt.networks import best
from sortopt.networks.lowering import lower
from sortopt.targets import ISAS, X86
from sortopt.verify import verify

GOLDEN = places.GOLDEN / "emit"
METHODS = (MethodVerdict("weak orders", Proved(), 0.01), MethodVerdict("z3", Proved(), 0.02))


def trusted(kernel, **said):
    """Return the provenance of a kernel that no test needs to be right, or proved elsewhere."""
    return Provenance(**said, judgement=Judgement(Proved(), METHODS, kernel))


SAID = {
    "title": "sort3, 11 instructions",
    "source": "AlphaDev, Nature 2023",
    "found": "read by hand",
}


FOR_X86 = [t for t in TARGETS if not t.startswith("asm-") or t[4:] in X86.syntaxes]
CASES = [("", target) for target in FOR_X86] + [
    (isa.name, target)
    for isa in ISAS.values()
    if isa is not ALPHADEV3.isa
    for target in ("c", "rust", "llvm", f"asm-{[*isa.machine.syntaxes][-1]}")
]


@pytest.mark.parametrize(("isa", "target"), CASES)
def test_emitted_text_is_the_golden_one(isa, target):
    kernel = lower(best(3), ISAS[isa]) if isa else ALPHADEV3
    text = emit(kernel, target, provenance=trusted(kernel, **SAID))
    golden = GOLDEN / f"sort3-{isa}{'-' * bool(isa)}{target}{TARGETS[target].suffix}"
    if os.environ.get("SORTOPT_REGENERATE"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("target", FOR_X86)
def test_header_tells_contract_verdict_method_length_origin_and_licence(target):
    text = emit(ALPHADEV3, target, provenance=trusted(ALPHADEV3, **SAID))
    text = " ".join(text.replace(f"\n{text.split()[0]} ", " ").split())
    for part in (
        "contract:",
        "precondition: none",
        "proved for all keys, equal ones included, by weak orders and z3",
        "11 instructions",
        "AlphaDev, Nature 2023",
        "is yours",
    ):
        assert part in text


@pytest.mark.parametrize("target", TARGETS)
def test_only_a_proved_kernel_is_written(target):
    refuted = Judgement(Refuted(Counterexample((2, 1, 1), (2, 1, 1), (1, 1, 2))), (), ALPHADEV3)
    unknown = Judgement(Unknown("the time was up"), (), ALPHADEV3)
    unsafe = Judgement(Unsafe((Breach("edx is lost", "declare it", 3),), Proved()), (), ALPHADEV3)
    with pytest.raises(InputError, match=r"not written: it fails on 2 1 1; repair"):
        emit(ALPHADEV3, target, provenance=Provenance(judgement=refuted))
    with pytest.raises(LimitReached, match="could not be proved: the time was up"):
        emit(ALPHADEV3, target, provenance=Provenance(judgement=unknown))
    with pytest.raises(InputError, match="edx is lost; declare it"):
        emit(ALPHADEV3, target, provenance=Provenance(judgement=unsafe))
    with pytest.raises(InputError, match="it fails on"):
        emit(FAILS_ON_TIES, target)
    with pytest.raises(InputError, match="the verdict given is that over another kernel; verify"):
        emit(FAILS_ON_TIES, target, provenance=Provenance(judgement=verify(ALPHADEV3)))
    isa = {"asm-aarch64": "aarch64", "asm-riscv": "riscv"}.get(target, "x86-cmov")
    kernel = lower(best(3), ISAS[isa])
    request = Request(kernel, "sort3", KEY_TYPES[f"int{kernel.isa.key_bits[-1]}"], Provenance())
    with pytest.raises(InputError, match="not proved; verify it first"):
        TARGETS[target].emit(request)


def test_a_library_takes_proved_kernels_only():
    with pytest.raises(InputError, match="it fails on"):
        emit_library([(FAILS_ON_TIES, Provenance())], KEY_TYPES["int32"])


def test_equal_keys_are_claimed_only_where_the_precondition_admits_some():
    distinct = FAILS_ON_TIES.assuming(parse_precondition("a != b, b != c, a != c"))
    text = " ".join(emit(distinct, "python").replace("#", " ").split())
    assert "ties: none: the precondition admits no equal keys" in text
    assert "proved for all keys that satisfy the precondition, by weak orders" in text
    given = " ".join(emit(ALPHADEV3.assuming(parse_precondition("b<c")), "python").split())
    assert "that satisfy the precondition, equal ones included, by" in given.replace("# ", "")


def test_header_states_the_precondition_with_the_merged_runs():
    kernel = ALPHADEV3.assuming(parse_precondition("b<c"))
    assert "sorts 3 keys of type int32, ascending, given b < c" in emit(kernel, "rust")
    assert "precondition: b < c; the caller must see to it" in emit(kernel, "rust")


@pytest.mark.parametrize("target", FOR_X86)
def test_comment_cannot_be_escaped_by_a_title(target):
    nasty = trusted(SORT2, title="a\nint x; */ \\", source='b """ \r\n%define', found="\x00")
    lines = emit(SORT2, target, provenance=nasty).splitlines()
    mark = lines[0].split()[0]
    assert all(line.startswith(mark) for line in lines if "int x;" in line or "%define" in line)
    assert not any(line.endswith("\\") for line in lines)


@pytest.mark.parametrize("target", ["c", "rust", "asm-intel", "asm-att", "llvm"])
def test_operands_name_no_register_that_the_kernel_file_named(target):
    """Callee-saved registers of the kernel's own text must not leak into the emission."""
    renamed = network("12", "23", "12")
    text = emit(renamed, target)
    assert not any(register in text for register in ("ebx", "rbx", "ebp", "rbp", "r12"))


def test_assembly_saves_the_callee_saved_registers_it_needs():
    text = emit(NETWORK8, "asm-intel", provenance=trusted(NETWORK8))
    assert text.count("push rbx") == text.count("pop rbx") == 1
    assert "ebx" in text
    assert "push" not in emit(ALPHADEV3, "asm-intel")


def test_64_bit_keys_use_64_bit_registers():
    text = emit(ALPHADEV3, "asm-intel", key="int64")
    assert "cmovl rsi, rdx" in text
    assert "qword ptr [rdi+8]" in text
    assert "dword" not in text


def test_min_max_kernels_refuse_64_bit_keys():
    with pytest.raises(
        InputError, match="x86-minmax kernels sort 8, 16 and 32-bit keys, not int64"
    ):
        emit(MINMAX3, "c", key="int64")


def test_unknown_target_key_and_bad_name_are_refused():
    with pytest.raises(InputError, match=r"unknown target 'cobol'.*rust"):
        emit(SORT2, "cobol")
    with pytest.raises(InputError, match=r"unknown key type 'float'.*int32"):
        emit(SORT2, "c", key="float")
    for name in ("2sort", "sört", "a-b", ""):
        with pytest.raises(InputError, match="cannot name a function"):
            emit(SORT2, "c", name=name)


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("while", "C"), ("_Bool", None), ("constexpr", "C"), ("int32_t", "C"), ("main", "C"),
        ("co_yield", r"C\+\+"), ("namespace", r"C\+\+"), ("std", r"C\+\+"),
        ("yield", "Rust"), ("match", "Rust"), ("box", "Rust"), ("Self", "Rust"),
        ("lambda", "Python"), ("None", "Python"), ("Offset", "the assembler"),
        ("EAX", "the assembler, a register"), ("r12d", "the assembler, a register"),
        ("xmm3", "the assembler, a register"), ("keys", "the emitted code"),
    ],
)  # fmt: skip
def test_no_reserved_word_names_a_function(name, whose):
    because = f"'{name}' cannot name a function" + (
        f": .*reserved word of {whose}" if whose else ""
    )
    with pytest.raises(InputError, match=because):
        emit(SORT2, "c", name=name)


@pytest.mark.parametrize("target", ["asm-intel", "asm-att"])
@pytest.mark.parametrize("name", ["sort3", "rsort", "k", "stx", "dh1", "median", "r32", "spline"])
def test_what_is_no_reserved_word_is_a_label_to_the_assembler(target, name):
    assert assemble(emit(SORT2, target, name=name))


def test_kernel_with_too_many_cells_for_registers_is_refused():
    pairs = [(i, i + 1) for i in range(13)]
    mov, cmp, cmovl = (SORT2.isa.form(m) for m in ("mov", "cmp", "cmovl"))
    program = []
    for a, b in pairs:
        low, high = f"r{a}", f"r{b}"
        program += [(mov, ("t", low)), (cmp, (high, low)), (cmovl, (low, high))]
        program += [(cmovl, (high, "t"))]
    cells = [f"r{i}" for i in range(14)]
    wide = build(SORT2.isa, program, inputs=cells, outputs=cells)
    for target in ("c", "rust", "llvm"):
        with pytest.raises(InputError, match=r"cells in registers; .*; emit it to cpp or python"):
            emit(wide, target, provenance=trusted(wide))


def test_more_operands_than_an_asm_statement_takes_are_refused():
    mov = SORT2.isa.form("mov")
    cells = [f"[rdi+{4 * i}]" for i in range(1, 16)]
    program = [(mov, ("eax", cells[0])), (mov, (cells[0], "eax"))]
    places = dict.fromkeys(cells, Place.MEMORY)
    wide = build(SORT2.isa, program, inputs=cells, outputs=cells, place_of=places)
    with pytest.raises(InputError, match="takes 31 operands; inline assembly can have 30"):
        emit(wide, "c", provenance=trusted(wide))


def instructions(text):
    """Return the instructions of an emitted function."""
    found = [line.strip() for line in text.partition(".cfi_startproc\n")[2].splitlines()]
    return [line for line in found if line and not line.startswith((".", "push", "pop"))]


@pytest.mark.parametrize("key", ["int32", "uint64"])
@pytest.mark.parametrize("target", ["asm-intel", "asm-att"])
def test_assembly_of_many_cells_is_in_registers_of_apx_and_says_so(target, key):
    kernel = lower(best(16))
    text = emit(kernel, target, key=key, provenance=trusted(kernel))
    assert "\n# needs Intel APX: registers r16 to r31 (GNU as 2.42 and LLVM 18" in text
    assert "push" not in text
    read = parse("\n".join(instructions(text)), dialect=target[4:]).kernel
    assert len(read) == len(kernel) + 32
    for seed in range(20):
        keys = random.Random(seed).choices(range(1, 17), k=16)
        assert run(read, keys) == tuple(sorted(keys))
    assert assemble(text)


def test_assembly_of_fourteen_cells_needs_no_apx():
    text = emit(lower(best(13)), "asm-intel", provenance=trusted(lower(best(13))))
    assert "APX" not in text
    assert "push r15" in text
    assert "APX" in emit(lower(best(14)), "asm-intel", provenance=trusted(lower(best(14))))


def test_assembly_of_more_cells_than_apx_has_registers_is_refused():
    mov = SORT2.isa.form("mov")
    cells = [f"c{i}" for i in range(31)]
    wide = build(
        SORT2.isa, [(mov, (c, "c0")) for c in cells[1:]], inputs=cells[:1], outputs=cells[:1]
    )
    with pytest.raises(InputError, match="31 cells in registers; the machine has 30"):
        emit(wide, "asm-att", provenance=trusted(wide))


def test_kernels_of_another_processor_become_plain_forms_only():
    elsewhere = replace(SORT2, isa=replace(SORT2.isa, name="elsewhere", assembly=None))
    for target in ("c", "rust", "llvm", "asm-att", "asm-intel"):
        with pytest.raises(InputError, match="elsewhere kernels cannot become assembly"):
            emit(elsewhere, target, provenance=trusted(elsewhere))
    for target in ("cpp", "python"):
        assert "sort2" in emit(elsewhere, target, provenance=trusted(elsewhere))


def test_memory_cells_become_the_buffer_itself_in_assembly():
    text = emit(IN_MEMORY3, "asm-att")
    assert "mov 4(%rdi), %eax" in text
    assert text.count("mov") == emit(IN_MEMORY3, "asm-intel").count("mov")


def test_memory_cells_become_the_buffer_itself_in_c_where_keys_keep_their_place():
    assert '"+m"(keys[0]), "+m"(keys[1]), "+m"(keys[2])' in emit(IN_MEMORY3, "c")
    contract = replace(IN_MEMORY3.contract, outputs=(1, 0, 2))
    swapped = replace(IN_MEMORY3, contract=contract)
    assert '"+m"(k0), "+m"(k1), "+m"(k2)' in emit(swapped, "c", provenance=trusted(swapped))


def test_no_key_shares_a_register_with_the_address_of_a_memory_operand():
    """Else the kernel would overwrite the address when it writes the key, and read elsewhere."""
    isa, cells = SORT2.isa, ("eax", "[rdi]")
    program = [("cmp", cells), ("cmovg", cells), ("mov", cells[::-1])]
    kernel = build(
        isa,
        [(isa.form(mnemonic), operands) for mnemonic, operands in program],
        inputs=cells,
        outputs=cells,
        place_of={"eax": Place.REGISTER, "[rdi]": Place.MEMORY},
    )
    assert '"+&r"(k0), "+m"(keys[1])' in emit(kernel, "c", provenance=trusted(kernel))
    assert '"+r"(k0), "+r"(k1)' in emit(SORT2, "c")


def test_goals_with_fewer_outputs_leave_the_keys_alone():
    assert "const int32_t keys[3], int32_t out[1]" in emit(MEDIAN3, "c")
    assert "keys: &[i32; 3], out: &mut [i32; 1]" in emit(MEDIAN3, "rust")
    assert "dword ptr [rsi+0]" in emit(MEDIAN3, "asm-intel")
    assert "esi" not in emit(MEDIAN3, "asm-intel")


def test_template_refuses_unsafe_ties_at_compile_time_only_where_needed():
    assert "static_assert" in emit(ALPHADEV3, "cpp")
    assert "static_assert" not in emit(SORT2, "cpp")
