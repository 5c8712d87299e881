"""A function that is given how many keys there are is judged for each number of keys."""

from dataclasses import replace
from itertools import permutations, product

import capstone
import machine_code
import pytest

from sortopt import objects
from sortopt.base.errors import InputError
from sortopt.model import Unknown
from sortopt.native import assemble
from sortopt.objects import AS_WRITTEN, Branches, parse_lengths
from sortopt.objects.elf import ElfFile
from sortopt.tasks import verify_lengths
from sortopt.verify import verify_branching

BEFORE = (
    "cmp dword ptr [rdi], 2", "jl 9f",
    "mov eax, [rdi+4]", "mov ecx, [rdi+8]", "cmp ecx, eax", "jge 1f",
    "mov [rdi+4], ecx", "mov [rdi+8], eax", "mov ecx, eax",
    "1: cmp dword ptr [rdi], 3", "jne 9f",
    "mov eax, [rdi+12]", "cmp eax, ecx", "jge 9f",
    "mov [rdi+12], ecx", "mov [rdi+8], eax",
    "mov ecx, [rdi+4]", "cmp eax, ecx", "jge 9f",
    "mov [rdi+4], eax", "mov [rdi+8], ecx",
    "9: ret",
)  # fmt: skip
"""A sort of up to three keys that are in memory behind their number."""
LOOP = (
    "mov edx, 1", "1: cmp edx, esi", "jge 9f",
    "movsxd rcx, edx", "mov eax, [rdi+rcx*4]",
    "2: test ecx, ecx", "je 3f", "mov r8d, [rdi+rcx*4-4]", "cmp r8d, eax", "jle 3f",
    "mov [rdi+rcx*4], r8d", "dec rcx", "jmp 2b",
    "3: mov [rdi+rcx*4], eax", "inc edx", "jmp 1b",
    "9: ret",
)  # fmt: skip
"""An insertion sort of as many keys as a register says."""


def text(lines):
    return "\n".join([".intel_syntax noprefix", ".globl f", "f:", *lines, ""])


def read(lines, length, **options):
    with pytest.raises(Branches) as caught:
        objects.read("x.s", text=text(lines), length=length, **options)
    return caught.value


def verdict(lines, length):
    found = read(lines, length)
    return verify_branching(found.branching).held_against(found.file.breaches).verdict.name


def changed(was, now, lines=BEFORE):
    assert was in lines
    return [now if line == was else line for line in lines]


def judged(tmp_path, lines, length, **options):
    path = tmp_path / "x.s"
    path.write_text(text(lines))
    return verify_lengths(path, replace(AS_WRITTEN, length=length, **options))


def test_a_sort_is_proved_for_each_length_that_it_takes(tmp_path):
    found = judged(tmp_path, BEFORE, "[rdi]=0..3")
    assert [each.name for each in found.verdicts.values()] == ["proved"] * 4
    assert found.verdict.proved
    assert found.longest.branching.paths == 6
    found = judged(tmp_path, LOOP, "esi=0..3")
    assert found.verdict.proved
    assert found.longest.key == "int32"


@pytest.mark.parametrize(
    ("was", "now", "length", "expected"),
    [
        ("jl 9f", "jle 9f", 2, "refuted"),
        ("jl 9f", "jl 1f", 1, "proved"),
        ("1: cmp dword ptr [rdi], 3", "1: cmp dword ptr [rdi], 2", 3, "refuted"),
        ("mov [rdi+12], ecx", "mov [rdi+12], eax", 3, "refuted"),
        ("mov [rdi+12], ecx", "mov [rdi+12], eax", 2, "proved"),
        ("mov [rdi+4], ecx", "mov [rdi+4], ecx; mov [rdi+12], eax", 2, "unsafe"),
        ("mov [rdi+4], ecx", "mov [rdi+4], ecx; mov edx, [rdi+12]", 2, "unsafe"),
        ("mov [rdi+4], ecx", "mov [rdi+4], ecx; mov edx, [rdi-4]", 2, "unsafe"),
        ("mov [rdi+4], ecx", "mov [rdi+4], ecx; mov dword ptr [rdi], 0", 2, "unsafe"),
        ("mov [rdi+4], ecx", "mov [rdi+4], ecx; mov byte ptr [rdi+1], 1", 2, "unsafe"),
        ("mov [rdi+4], eax", "mov [rdi+4], eax; mov [rdi], eax", 3, "unsafe"),
        ("mov [rdi+4], ecx", "mov [rdi+4], ecx; mov dword ptr [rdi], 2", 2, "proved"),
        ("9: ret", "9: ret", 0, "proved"),
        ("jl 9f", "je 9f", 0, "refuted"),
    ],
)
def test_only_so_many_keys_are_touched_and_the_length_stays(was, now, length, expected):
    assert verdict(changed(was, now), f"[rdi]={length}") == expected


@pytest.mark.parametrize("now", ["mov rax, [rdi]", "mov rax, [rdi-4]"])
def test_the_length_is_not_taken_together_with_what_is_beside_it(now):
    with pytest.raises(InputError, match="takes the length"):
        objects.read("x.s", text=text(changed("jl 9f", f"jl 9f; {now}")), length="[rdi]=2")


def test_only_the_named_part_of_a_register_holds_the_length():
    lines = changed("1: cmp edx, esi", "1: cmp rdx, rsi", LOOP)
    assert verdict(lines, "rsi=2") == "proved"
    with pytest.raises(InputError) as caught:
        objects.read("x.s", text=text(lines), length="esi=2")
    assert not isinstance(caught.value, Branches)


def test_the_low_half_of_a_sum_needs_the_low_halves_alone():
    lines = changed("1: cmp edx, esi", "1: lea r9d, [rsi+rdx-1]; sub r9d, edx; cmp r9d, edx", LOOP)
    assert verdict(changed("jge 9f", "jl 9f", lines), "esi=3") == "proved"


ENDS = (
    "mov rdx, rdi", "1: cmp rdx, rsi", "jae 9f", "mov eax, [rdx]", "mov rcx, rdx",
    "2: cmp rcx, rdi", "je 3f", "mov r8d, [rcx-4]", "cmp r8d, eax", "jle 3f",
    "mov [rcx], r8d", "sub rcx, 4", "jmp 2b",
    "3: mov [rcx], eax", "add rdx, 4", "jmp 1b",
    "9: ret",
)  # fmt: skip
"""An insertion sort of the keys between two pointers."""


def test_a_pointer_to_the_end_says_how_many_keys_there_are(tmp_path):
    found = judged(tmp_path, ENDS, "rsi-rdi=0..3")
    assert found.verdict.proved
    assert verdict(changed("jae 9f", "ja 9f", ENDS), "rsi-rdi=2") == "refuted"
    assert verdict(changed("jle 3f", "jl 3f", ENDS), "rsi-rdi=2") == "proved"
    assert verdict(changed("jle 3f", "jg 3f", ENDS), "rsi-rdi=2") == "refuted"


def test_keys_up_to_a_pointer_are_as_wide_as_those_that_are_touched():
    lines = ["mov eax, 1", "cmp eax, 2", "lea rdx, [rdi+8]"]
    wide = {"eax": "rax", "r8d": "r8", "-4": "-8", ", 4": ", 8"}
    for line in ENDS[1:]:
        for narrow, other in wide.items():
            line = line.replace(narrow, other)
        lines.append(line)
    assert read(lines, "rsi-rdi=2").file.width == 64
    assert verdict(lines, "rsi-rdi=2") == "proved"
    assert verdict(("ret",), "rsi-rdi=2") == "refuted"


def test_a_length_for_which_code_runs_on_is_unknown(tmp_path):
    found = judged(tmp_path, changed("jge 9f", "je 9f", LOOP), "esi=0..2")
    assert isinstance(found.found[0], Unknown)
    assert found.verdict.name == "unknown"


def faulty(lines):
    """Yield lines with one fault each: a jump turned, or a line left out."""
    for at, line in enumerate(lines[:-1]):
        label, _, rest = line.rpartition(": ")
        yield [*lines[:at], f"{label}: nop" if label else "nop", *lines[at + 1 :]]
        if rest.startswith("jge"):
            yield [*lines[:at], line.replace("jge", "jg"), *lines[at + 1 :]]
            yield [*lines[:at], line.replace("jge", "jl"), *lines[at + 1 :]]


class Jumping(machine_code.Machine):
    """The plain simulator, with jumps."""

    def __init__(self, seed, code):
        super().__init__(seed)
        engine = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64)
        engine.detail = True
        self.code = {i.address: i for i in engine.disasm(code, 0)}

    def go(self):
        at, taken = 0, machine_code._TAKEN
        while (i := self.code[at]).mnemonic != "ret":
            at += i.size
            if i.mnemonic.startswith("j"):
                if taken[i.mnemonic[1:]](*self._flags):
                    at = i.operands[0].imm
            elif i.mnemonic != "nop":
                self._step(i)


def runs_right(code, length):
    """Whether code sorts `length` keys behind their number, and changes nothing else."""
    start = machine_code.BUFFERS["rdi"]
    for seed, keys in enumerate([*permutations(range(length)), *product((1, 2), repeat=length)]):
        machine = Jumping(seed, code)
        others = [machine.load(start + 4 * at, 4) for at in (-1, *range(length + 1, 6))]
        machine.store(start, 4, length)
        for at, key in enumerate(keys, start=1):
            machine.store(start + 4 * at, 4, key)
        machine.go()
        found = [machine.load(start + 4 * at, 4) for at in (0, *range(1, length + 1))]
        after = [machine.load(start + 4 * at, 4) for at in (-1, *range(length + 1, 6))]
        if found != [length, *sorted(keys)] or others != after:
            return False
    return True


def test_what_is_proved_runs_right_and_what_is_refuted_does_not():
    seen = set()
    for lines in (list(BEFORE), *faulty(BEFORE)):
        code = ElfFile(assemble(text(lines)), "x").function("f").code
        try:
            said = verdict(lines, "[rdi]=3")
        except InputError:
            continue
        seen.add(said)
        assert runs_right(code, 3) is (said == "proved")
    assert seen == {"proved", "refuted"}


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("[rdi]=2..3", "[rdi]=2..3"),
        ("(%RDI) = 2-3", "[rdi]=2..3"),
        ("0(a0)=3", "[a0]=3"),
        ("%esi=0..16", "esi=0..16"),
        ("%rsi-%rdi=2", "rsi-rdi=2"),
    ],
)
def test_a_length_is_spelt_as_operands_are(said, shown):
    assert str(parse_lengths(said)) == shown
    assert [each.least for each in parse_lengths("esi=2..4").each()] == [2, 3, 4]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("foo", "not understood"),
        ("esi", "not understood"),
        ("esi=", "not understood"),
        ("esi=x", "not understood"),
        ("[rdi+4]=2", "not understood"),
        ("esi=3..2", "no number from 3 to 2"),
        ("esi=2..17", "17 keys are too many"),
        ("bogus=2", "'bogus' is no register of x86-64"),
        ("rsp=2", "'rsp' is no register"),
        ("xmm0=2", "'xmm0' is no register"),
        ("[edi]=2", "edi is no address"),
        ("esi-rdi=2", "esi is no address"),
    ],
)
def test_a_length_that_is_none_is_refused_in_one_line(tmp_path, said, message):
    with pytest.raises(InputError, match=message.replace("(", r"\(")) as caught:
        judged(tmp_path, LOOP, said)
    assert not isinstance(caught.value, Branches)


def test_options_that_the_length_says_are_refused_beside_it(tmp_path):
    with pytest.raises(InputError, match="--inputs does not go with --length"):
        judged(tmp_path, LOOP, "esi=2", inputs="eax")


@pytest.mark.parametrize("lines", [BEFORE, LOOP])
def test_a_function_that_is_refused_for_its_length_is_answered_with_the_option(lines):
    with pytest.raises(InputError) as caught:
        objects.read("x.s", text=text(lines))
    assert caught.value.hint.endswith("if it is given how many keys there are, say where: --length")


def test_a_function_of_a_length_needs_no_jump_and_no_key():
    assert verdict(("mov eax, [rdi]", "ret"), "[rdi]=1") == "proved"
    assert verdict(("ret",), "[rdi]=0") == "proved"
    assert verdict(("ret",), "[rdi]=2") == "refuted"
