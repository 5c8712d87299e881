"""A function that branches is read as all of its paths, or refused at its first fault."""

import pytest
from places import ROOT

from sortopt import objects
from sortopt.base import Budget
from sortopt.base.errors import InputError, LimitReached
from sortopt.objects import Branches, instead
from sortopt.verify import verify, verify_branching

FOLDER = ROOT / "tests" / "branching"
STORED = sorted(path.stem for path in FOLDER.glob("*.s"))

HEAD = (".intel_syntax noprefix", ".globl f", ".type f, @function", "f:")
SWAP = ("mov eax, [rdi]", "mov ecx, [rdi+4]", "cmp eax, ecx", "jle 1f", "mov [rdi], ecx",
        "mov [rdi+4], eax", "1: ret")  # fmt: skip


def text(*lines):
    return "\n".join([*HEAD, *lines, ""])


def read(lines, **options):
    with pytest.raises(Branches) as caught:
        objects.read("x.s", text=text(*lines), **options)
    return caught.value


def verdict(lines, **options):
    return verify_branching(read(lines, **options).branching).verdict.name


def refusal(lines):
    with pytest.raises(InputError) as caught:
        objects.read("x.s", text=text(*lines))
    assert not isinstance(caught.value, Branches)
    return caught.value.render()


def changed(was, now, lines=SWAP):
    assert was in lines
    return [now if line == was else line for line in lines]


@pytest.mark.parametrize("name", STORED)
def test_what_a_compiler_makes_of_sorts_is_proved(name):
    with pytest.raises(Branches) as caught:
        objects.read(FOLDER / f"{name}.s")
    found = caught.value
    assert verify_branching(found.branching).verdict.name == "proved"
    assert found.branching.paths == 6
    assert found.file.width == 32


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (SWAP, "proved"),
        (changed("jle 1f", "jl 1f"), "proved"),
        (changed("jle 1f", "jbe 1f"), "proved"),
        (changed("jle 1f", "jge 1f"), "refuted"),
        (changed("jle 1f", "je 1f"), "refuted"),
        (changed("mov [rdi], ecx", "mov [rdi], eax"), "refuted"),
        (changed("cmp eax, ecx", "cmp [rdi], ecx"), "proved"),
        (changed("mov [rdi], ecx", "mov r8d, 0; mov [rdi+r8*8], ecx"), "proved"),
        (changed("mov [rdi], ecx", "lea rdx, [rdi+8]; sub rdx, rdi; mov [rdi+rdx-8], ecx"),
         "proved"),
        (changed("mov [rdi], ecx", "mov [rsp-8], rdi; add qword ptr [rsp-8], 4; mov rdx, [rsp-8]; "
                 "mov [rdx-4], ecx"), "proved"),
        (changed("mov [rdi], ecx", "mov [rsp-8], rdi; add qword ptr [rsp-8], 8; mov rdx, [rsp-8]; "
                 "mov [rdx-4], ecx"), "refuted"),
        (changed("mov [rdi], ecx", "mov [rdi], edx"), "refused"),
    ],
)  # fmt: skip
def test_a_swap_by_a_jump_is_judged_rightly(lines, expected):
    if expected == "refused":
        assert "no key that is known" in refusal(lines)
    else:
        assert verdict(lines) == expected


def test_the_command_for_a_kernel_without_branches_is_for_the_same_keys():
    assert instead(read(SWAP).branching) == "sortopt search --n 2"
    unsigned = read(changed("jle 1f", "jbe 1f"))
    assert instead(unsigned.branching) == "sortopt search --n 2 --unsigned"
    assert "search --n 2 --unsigned finds a kernel without branches" in unsigned.render()


def test_keys_of_64_bits_are_followed_beside_counters_of_32():
    wide = [line.replace("eax", "rax").replace("ecx", "rcx").replace("+4", "+8") for line in SWAP]
    lines = ["mov edx, 0", "cmp edx, 1", "jg 1f", *wide]
    found = read(lines)
    assert found.file.width == 64
    assert verify_branching(found.branching).verdict.name == "proved"


def test_keys_in_registers_are_those_that_inputs_name():
    lines = ("mov eax, edi", "cmp edi, esi", "jle 1f", "mov eax, esi", "1: ret")
    options = {"inputs": "edi esi", "outputs": "eax"}
    assert verdict(lines, **options, goal="min") == "proved"
    assert verdict(lines, **options, goal="max") == "refuted"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["jle 1f", *SWAP], "jle tests flags, which no comparison has set"),
        (changed("jle 1f", "test rdi, rdi; jle 1f"), "x.s:8"),
        (changed("jle 1f", "js 1f"), "js tests something else than the order of two keys"),
        (changed("jle 1f", "inc edx; jle 1f"), "inc is arithmetic"),
        (changed("jle 1f", "mov edx, 1; add edx, 1; inc edx; jb 1f"), "flags that are not known"),
        (changed("jle 1f", "jle 1f; call g"), "this calls g, which is not followed"),
        (changed("jle 1f", "jle g"), "this jumps to g, which is not followed"),
        (changed("jle 1f", "jmp rax"), "a place that is not known"),
        (changed("jle 1f", "jle 1f; mov edx, [rdi+rax*4]"), "depends on an index register"),
        (changed("jle 1f", "jle 1f; cmp ecx, eax; ja 1f"), "reads keys as unsigned, but jle"),
        (changed("1: ret", "1: jle 2f; 2: push rax; ret"), "the stack pointer is not"),
        (changed("1: ret", "1: nop"), "runs on into"),
    ],
)
def test_what_cannot_be_followed_is_refused_with_its_line(lines, message):
    assert message in refusal(lines)


def test_no_length_is_asked_for_where_flags_come_from_before():
    assert "--length" not in refusal(["jle 1f", *SWAP])


def test_flags_of_something_else_than_keys_are_not_taken_for_theirs():
    lines = changed("jle 1f", "mov edx, 1; shl edx, 1; jle 1f")
    assert "tests flags that are not known here" in refusal(lines)
    assert "tests flags that line 8 left" in refusal(changed("jle 1f", "add rsi, 8\njle 1f"))


@pytest.mark.parametrize("loop", [["2: jmp 2b"], ["2: cmp eax, edx; jne 2b"]])
def test_a_loop_without_end_is_never_proved(loop):
    lines = [*SWAP[:-1], "1:", "mov edx, [rdi+8]", *loop, "ret"]
    with pytest.raises((LimitReached, Branches)) as caught:
        objects.read("x.s", text=text(*lines))
    if isinstance(caught.value, Branches):
        assert verify_branching(caught.value.branching).verdict.name != "proved"


def test_the_time_limit_counts_while_paths_are_followed():
    with pytest.raises(LimitReached, match="the time limit"):
        objects.read("x.s", text=text("1: jmp 1b"), budget=Budget(1e-9))


def test_an_overwritten_saved_register_is_a_breach_on_whichever_path():
    found = read(changed("mov [rdi], ecx", "mov [rdi], ecx; mov ebx, 1"))
    assert [breach.message for breach in found.file.breaches] == [
        "the function overwrites rbx, which its caller expects back"
    ]


def test_a_kernel_beside_code_that_is_never_reached_stays_a_kernel():
    lines = ["mov eax, [rdi]", "mov ecx, [rdi+4]", "mov edx, eax", "cmp eax, ecx",
             "cmovg eax, ecx", "cmovg ecx, edx", "mov [rdi], eax", "mov [rdi+4], ecx", "ret",
             "jmp f"]  # fmt: skip
    assert verify(objects.read("x.s", text=text(*lines)).kernel).proved


def test_a_sort_that_never_touches_the_first_key_is_not_taken_for_one_of_fewer():
    lines = [line.replace("+4", "+8").replace("[rdi]", "[rdi+4]") for line in SWAP]
    assert "[rdi+4]" in refusal(lines)
    cells = "[rdi] [rdi+4] [rdi+8]"
    assert verdict(lines, inputs=cells, outputs=cells) == "refuted"


@pytest.mark.parametrize(
    "lines",
    [
        ["mov edx, 256", "xor dl, dh"],  # 257
        ["mov edx, 256", "sub dl, dh"],  # 511
        ["xor ecx, ecx", "mov edx, 0", "mov dh, 1", "movzx dx, cl"],  # 0
    ],
)
def test_bytes_of_a_number_that_are_not_followed_decide_no_jump(lines):
    with pytest.raises(InputError) as caught:
        objects.read("x.s", text=text(*lines, "cmp dl, 0", "jne 1f", *SWAP))
    assert not isinstance(caught.value, Branches)


def test_only_registers_through_which_memory_is_accessed_count_as_addresses():
    """Any other may hold a number that wraps: rsi + 4 is less than rsi where rsi is -1."""
    nearby = ("lea rdx, [{0}+4]", "cmp rdx, {0}", "jb 1f")
    assert verdict([line.format("rdi") for line in nearby] + [*SWAP]) == "proved"
    said = refusal([line.format("rsi") for line in nearby] + [*SWAP])
    assert "x.s:7:1" in said
    assert "whether rsi is an address" in said
    equal = changed("jb 1f", "je 1f", nearby)
    assert verdict([line.format("rsi") for line in equal] + [*SWAP]) == "proved"
