"""Moves around a kernel are taken off exactly, or refused: saved registers, spills, addresses."""

import machine_code
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sortopt import objects
from sortopt.base.errors import InputError
from sortopt.formats import Token
from sortopt.native.assembler import AssemblyError, assemble
from sortopt.objects.elf import ElfFile
from sortopt.verify import verify

HEAD = ".intel_syntax noprefix"
KERNEL = (
    "mov {a}, [{p}]", "mov {b}, [{p}+{w}]", "mov {t}, {a}", "cmp {a}, {b}", "cmovg {a}, {b}",
    "cmovg {b}, {t}", "mov [{p}], {a}", "mov [{p}+{w}], {b}",
)  # fmt: skip
SAVED = ("rbx", "rbp", "r12", "r13")
FREE = ("rax", "rcx", "rdx", "rsi", "r8", "r10")
NARROW = {f"r{x}": f"e{x}" for x in ("ax", "bx", "cx", "dx", "si", "bp")} | {
    f"r{n}": f"r{n}d" for n in range(8, 16)
}


def function(lines, syntax=HEAD):
    return "\n".join([syntax, ".globl f", ".type f, @function", "f:", *lines, ""])


def read(lines, **options):
    return objects.read("x.s", text=function(lines), **options)


def verdict(lines, **options):
    file = read(lines, **options)
    return verify(file.kernel).held_against(file.breaches).verdict.name


def refusal(lines, **options):
    with pytest.raises(InputError) as caught:
        read(lines, **options)
    return caught.value.render()


def cells(file):
    """Return where the keys come in and go out."""
    contract = file.kernel.contract
    return [file.kernel.cells[cell].name for cell in contract.inputs + contract.outputs]


def code_of(lines):
    return ElfFile(assemble(function(lines)), "x.o").function("f").code


def kernel(p="rdi", a="eax", b="ecx", t="edx", w=4):
    return [line.format(p=p, a=a, b=b, t=t, w=w) for line in KERNEL]


SPILLS = (
    ("mov {slot}, {r}", "mov {k}, 7", "mov {r}, {slot}"),
    ("mov {slot}, {k}", "lea {r}, [rsp+8]", "mov {k}, {slot}"),
    ("movd xmm3, {e}", "mov {k}, 7", "movd {e}, xmm3"),
    ("movq xmm5, {r}", "movaps xmm4, xmm5", "mov {k}, 7", "movq {r}, xmm4"),
    ("mov {slot}, {r}", "movq xmm5, qword ptr {slot}", "mov {r}, rdi", "movq {r}, xmm5"),
    ("xchg {r}, r9", "mov {k}, {k}", "xchg {r}, r9"),
    ("push {r}", "mov {k}, 7", "pop {r}"),
)


@st.composite
def wrapped(draw):
    """Draw a function that sorts two keys behind rdi, with moves around and within its kernel."""
    size = draw(st.sampled_from([4, 8]))
    wide = draw(st.permutations([*SAVED, *FREE]))[:3]
    keys = wide if size == 8 else [NARROW[name] for name in wide]
    saved = draw(st.permutations([*({*wide} & {*SAVED}), *draw(st.sets(st.sampled_from(SAVED)))]))
    saved = list(dict.fromkeys(saved))
    room = draw(st.sampled_from([0, 24, 40]))
    shift = draw(st.sampled_from([0, 4, 16, -8]))
    lines = [f"push {name}" for name in saved] + [f"sub rsp, {room}"] * bool(room)
    lines.append(draw(st.sampled_from(["mov r11, rdi", "lea r11, [rdi]"])))
    lines += [f"add r11, {shift}"] * bool(shift)
    pointer = f"r11-{shift}" if shift > 0 else f"r11+{-shift}"
    for line in kernel(pointer, *keys, size):
        if draw(st.integers(0, 3)) == 0:
            at = draw(st.integers(0, 2))
            slot = f"[rsp+{draw(st.sampled_from([0, 8]))}]" if room else "[rsp-24]"
            names = {"r": wide[at], "k": keys[at], "e": NARROW[wide[at]], "slot": slot}
            ways = SPILLS if size == 4 else [way for way in SPILLS if "{e}" not in way[0]]
            lines += [step.format(**names) for step in draw(st.sampled_from(ways))]
        lines.append(line)
    lines += [f"add rsp, {room}"] * bool(room) + [f"pop {name}" for name in reversed(saved)]
    return size, [*lines, "ret"]


@settings(max_examples=40)
@given(wrapped())
def test_a_kernel_with_moves_around_it_is_proved(drawn):
    size, lines = drawn
    assert machine_code.sorts(code_of(lines), 2, size)
    file = read(lines)
    assert verify(file.kernel).held_against(file.breaches).verdict.name == "proved"
    assert cells(file) == ["[rdi]", f"[rdi+{size}]"] * 2


@st.composite
def damaged(draw):
    """Draw such a function with one line left out, moved, or with another register or number."""
    size, lines = draw(wrapped())
    at = draw(st.integers(0, len(lines) - 2))
    how = draw(st.sampled_from(["drop", "move", "register", "number"]))
    if how == "drop":
        del lines[at]
    elif how == "move":
        lines.insert(draw(st.integers(0, len(lines) - 2)), lines.pop(at))
    else:
        words = lines[at].replace(",", " , ").replace("[", "[ ").replace("]", " ]")
        names = [*SAVED, *FREE, "r11", "rdi", "rsp"]
        old = [w for w in words.replace("+", " + ").split() if w in names or w.isdigit()]
        if old:
            new = draw(st.sampled_from(names if not old[-1].isdigit() else ["0", "4", "8", "16"]))
            lines[at] = new.join(lines[at].rsplit(old[-1], 1))
    return size, lines


@settings(max_examples=200)
@given(damaged())
def test_what_does_not_sort_or_keep_its_callers_registers_is_never_proved(drawn):
    size, lines = drawn
    try:
        code = code_of(lines)
        file = read(lines)
    except (InputError, AssemblyError):
        return
    judged = verify(file.kernel).held_against(file.breaches).verdict.name
    if judged == "proved" and cells(file) == ["[rdi]", f"[rdi+{size}]"] * 2:
        assert machine_code.sorts(code, 2, size)


RIGHT = kernel()


def around(before, after, inner=RIGHT):
    return [*before, *inner, *after, "ret"]


@pytest.mark.parametrize(
    "lines",
    [
        around(["push rbx", "push r12", "sub rsp, 8"], ["add rsp, 8", "pop r12", "pop rbx"]),
        around(["push rbp", "mov rbp, rsp", "sub rsp, 32", "mov [rbp-8], rdi"], ["leave"]),
        around(["endbr64", "push rbp", "mov rbp, rsp"], ["pop rbp"]),
        around(["mov [rsp-8], rdi", "mov rsi, [rsp-8]"], [], kernel("rsi")),
        around(["lea rsi, [rdi+8]", "sub rsi, 4"], ["mov eax, 0"], kernel("rsi-4")),
        around(["mov rsi, rdi"], ["xor eax, eax"], kernel("rsi", a="edi")),
        around(["mov r8, rbx", "mov rsi, r9"], ["mov rbx, r8"], kernel(a="ebx")),
        around(["push rbx"], ["mov rbx, [rsp]", "add rsp, 8"], kernel(a="ebx")),
    ],
)
def test_what_compilers_put_around_a_kernel_is_taken_off(lines):
    assert verdict(lines) == "proved"


@pytest.mark.parametrize(
    "lines",
    [
        around(["push rbx", "push r12"], ["pop rbx", "pop r12"], kernel(a="ebx", b="r12d")),
        around(["push rbx"], ["add rsp, 8"], kernel(a="ebx")),
        around(["push rbx"], ["mov ebx, [rsp]", "add rsp, 8"], kernel(a="ebx")),
        around(["mov [rsp-8], rbx", "push rax"], ["pop rax", "mov rbx, [rsp-8]"], kernel(a="ebx")),
        around(["mov rbp, rsp"], []),
        around(["push rbx", "lea rbx, [rdi]"], ["pop rax"], kernel("rbx")),
    ],
)
def test_a_register_that_is_not_restored_is_unsafe(lines):
    assert verdict(lines) == "unsafe"
    assert not machine_code.sorts(code_of(lines), 2, 4)


def test_a_register_restored_from_another_one_is_unsafe():
    lines = around(["push rbx", "push rbp"], ["pop rbx", "pop rbp"], kernel(a="ebx"))
    assert verdict(lines) == "unsafe"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (around(["push rbx"], []), "the stack pointer is not what it was on entry"),
        (around(["mov eax, [rsp]"], []), "this addresses the stack of the caller"),
        (around(["mov [rsp], rdi"], []), "this addresses the stack of the caller"),
        (around(["mov [rsp-136], rdi"], []), "this addresses the stack where it may be"),
        (around(["and rsp, -32"], []), "and works on bits"),
        (around([], [], kernel("rsi")[:4] + kernel()[4:]), "may overlap"),
        (around(["mov rsi, [rdi]"], [], kernel("rsi")), "rsi holds no address that is known"),
        (around(["movzx eax, byte ptr [rdi]"], []), "this takes 8 bits, but keys are 32"),
        (around(["mov [rdi], rsi"], []), "what this stores into the buffer is no key"),
        ([*RIGHT[:4], "add rsi, 4", *RIGHT[4:], "ret"], "cmovg reads flags that add in line 9"),
        ([*RIGHT[:4], "xor esi, esi", *RIGHT[4:], "ret"], "cmovg reads flags that xor in line 9"),
        ([*RIGHT[:3], "mov ax, cx", *RIGHT[3:], "ret"], "this takes 16 bits, but keys are 32"),
        ([*RIGHT[:3], "mov [rsp-8], eax", "mov [rsp-6], ecx", "mov esi, [rsp-8]",
          *RIGHT[3:], "ret"],
         "the 32 bits that this takes are parts of two places"),
        ([*RIGHT[:3], "mov al, 3", *RIGHT[3:], "ret"], "this holds no key that is known: line 8"),
        ([*RIGHT[:3], "inc eax", *RIGHT[3:], "ret"], "inc is arithmetic"),
        ([*RIGHT[:3], "cdqe", "add rax, 1", *RIGHT[3:], "ret"], "no key that is known: line 9"),
        ([*RIGHT[:2], "cmp rax, rcx", *RIGHT[2:], "ret"], "cmp works on 32 bits, but cmp in"),
        (around(["movsd"], []), "movsd"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused(lines, message):
    assert message in refusal(lines)


def test_cells_that_overlap_are_refused():
    both = {"inputs": "[rdi] [rdi+4]", "outputs": "[rdi] [rdi+4]"}
    assert "[rdi+2] overlaps [rdi]" in refusal(around([], ["mov [rdi+2], eax"]), **both)


def test_what_lay_below_the_red_zone_is_forgotten():
    moved = ["sub rsp, 512", "mov [rsp], ebx", "add rsp, 512", "sub rsp, 512"]
    lines = around(["push rbx", *moved], ["mov ebx, [rsp]", "add rsp, 512", "pop rbx"])
    assert verdict(lines) == "proved"
    kept = ["sub rsp, 512", "mov [rsp], rbx"]
    after = ["mov rbx, [rsp]", "add rsp, 512"]
    assert verdict(around(kept, after, kernel(a="ebx"))) == "proved"
    shaken = [*kept, "add rsp, 512", "sub rsp, 512"]
    assert verdict(around(shaken, after, kernel(a="ebx"))) == "unsafe"


def test_a_comparison_makes_flags_readable_again():
    assert verdict(around(["sub rsp, 8"], ["add rsp, 8"])) == "proved"


def test_keys_are_followed_through_lanes_of_vector_registers():
    lines = [
        "movq xmm0, qword ptr [rdi]", "movd eax, xmm0", "pshufd xmm1, xmm0, 0xE5", "movd ecx, xmm1",
        *kernel()[2:6], "movd xmm0, eax", "movd xmm1, ecx", "punpckldq xmm0, xmm1",
        "movq qword ptr [rdi], xmm0", "ret",
    ]  # fmt: skip
    assert verdict(lines) == "proved"
    assert machine_code.sorts(code_of(lines), 2, 4)
    swapped = [*lines[:-3], "punpckldq xmm1, xmm0", "movq qword ptr [rdi], xmm1", "ret"]
    assert verdict(swapped) == "refuted"


def test_minima_of_several_lanes_are_taken_lane_by_lane():
    lines = [
        "movq xmm0, qword ptr [rdi]", "movq xmm1, qword ptr [rdi+8]", "movdqa xmm2, xmm0",
        "pminsd xmm0, xmm1", "pmaxsd xmm1, xmm2", "movq qword ptr [rdi], xmm0",
        "movq qword ptr [rdi+8], xmm1", "ret",
    ]  # fmt: skip
    assert verdict(lines, assume="d<=c and b<=a") == "refuted"
    assert verdict(lines, assume="a<=b<=c<=d") == "proved"


PAIR = ["movq xmm0, [rdi]", "pshufd xmm1, xmm0, 0x55", "movdqa xmm2, xmm0", "pminsd xmm0, xmm1",
        "pmaxsd xmm1, xmm2", "punpckldq xmm0, xmm1", "movq [rdi], xmm0", "ret"]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("movaps [rsp-24], xmm0", "proved"),
        ("movaps [rsp-16], xmm0", "unsafe"),
        ("movups [rsp-16], xmm0", "proved"),
        ("vmovdqa [rsp-20], xmm0", "unsafe"),
        ("pminsd xmm3, [rsp-40]", "proved"),
        ("pminsd xmm3, [rsp-56]", "proved"),
        ("pminsd xmm3, [rsp-32]", "unsafe"),
    ],
)
def test_an_access_of_the_stack_that_is_not_aligned_is_unsafe(line, wanted):
    keys = [f"mov{size} [rsp{at}], xmm0" for size, at in (("ups", -56), ("ups", -40), ("d", -32))]
    lines = [PAIR[0], "movaps xmm3, xmm0", *keys, line]
    assert verdict([*lines, *PAIR[1:]]) == wanted


def test_memory_that_holds_no_key_is_refused_once_it_is_loaded():
    lines = ["movq xmm0, [rdi]", "movups [rsp-24], xmm0", "pminsd xmm0, [rsp-16]"]
    assert "this holds no key that is known" in refusal([*lines, *PAIR[1:]])


def test_what_has_to_be_aligned_is_named():
    lanes = ["pshufd xmm1, xmm0, 0x55", "pshufd xmm2, xmm0, 0xaa", "pshufd xmm3, xmm0, 0xff"]
    lines = ["movaps xmm0, [rdi+4]", *lanes, "pminsd xmm0, xmm1", "movd [rdi+4], xmm0", "ret"]
    keys = {"inputs": "[rdi+4] [rdi+8] [rdi+12] [rdi+16]", "outputs": "[rdi+4]", "goal": "kth:1"}
    notes = read(lines, **keys).notes
    assert (
        "[rdi+4] is taken to be at a multiple of 16 bytes: movaps in line 5 faults elsewhere"
        in (notes)
    )
    loose = [lines[0].replace("movaps", "movups"), *lines[1:]]
    assert not any("multiple" in note for note in read(loose, **keys).notes)
    both = ["movaps xmm4, [rdi]", *lines]
    keys["inputs"] = "[rdi] " + keys["inputs"]
    (breach,) = read(both, **keys).breaches
    assert "[rdi+4] and [rdi] are not both at a multiple of 16 bytes" in breach.message
    assert breach.line == 6


def test_a_cell_that_is_a_vector_is_named():
    lines = ["movdqu xmm0, [rdi]", "movdqu xmm1, [rdi+16]", "movdqa xmm2, xmm0",
             "pminsd xmm0, xmm1", "pmaxsd xmm1, xmm2", "movdqu [rdi], xmm0",
             "movdqu [rdi+16], xmm1"]  # fmt: skip
    said = "each cell is a vector of 16 bytes, whose lanes are sorted each on its own"
    assert said in read([*lines, "ret"]).notes
    assert said in objects.read("x.asm", text="\n".join(lines).replace("dqu", "dqa")).notes
    assert said not in read(PAIR).notes


@pytest.mark.parametrize(
    "line", ["pminsd xmm0, xmmword ptr [rdi+4]", "punpckldq xmm4, xmmword ptr [rdi+4]"]
)
def test_what_is_read_beyond_the_keys_belongs_to_the_buffer(line):
    lines = [
        "movd xmm0, [rdi]", "movd xmm1, [rdi+4]", "movdqa xmm2, xmm0", "pminsd xmm0, xmm1",
        "pmaxsd xmm1, xmm2", "movd [rdi], xmm0", "movd [rdi+4], xmm1", "ret",
    ]  # fmt: skip
    both = {"inputs": "[rdi] [rdi+4]", "outputs": "[rdi] [rdi+4]"}
    assert verdict(lines, **both) == "proved"
    lines.insert(4, line)
    assert "[rdi+8] holds no key: it is no input" in refusal(lines, **both)


def test_two_buffers_are_apart_only_where_that_is_said():
    lines = [*kernel()[:6], "mov [rsi], eax", "mov [rsi+4], ecx", "ret"]
    assert "give --distinct-buffers" in refusal(lines)
    file = read(lines, distinct_buffers=True)
    assert cells(file) == ["[rdi]", "[rdi+4]", "[rsi]", "[rsi+4]"]
    assert "the buffers behind rdi and rsi are taken not to overlap" in file.notes
    assert verdict(lines, distinct_buffers=True) == "proved"


def test_an_output_that_was_overwritten_behind_the_kernel_is_refused():
    lines = ["mov eax, ecx", "cmp eax, edx", "cmovg eax, edx", "lea rax, [rdi]", "ret"]
    wanted = "eax holds no key at the end: line 8 overwrote it"
    assert wanted in refusal(lines, inputs="ecx edx", outputs="eax", goal="min")
    assert verdict(
        [line for line in lines if "lea" not in line], inputs="ecx edx", outputs="eax", goal="min"
    ) == "proved"  # fmt: skip


def test_plain_text_with_moves_around_its_kernel_is_read_too():
    header = ["; inputs: [rdi] [rdi+4]", "; outputs: [rdi] [rdi+4]"]
    plain = [*header, "push rbx", "mov rsi, rdi", *kernel("rsi", a="ebx"), "pop rbx", ""]
    file = objects.read("x.asm", text="\n".join(plain))
    assert verify(file.kernel).verdict.name == "proved"
    assert (len(file.kernel), file.because) == (8, "assembled, for line 3")
    for old, new, message in (
        ("pop rbx", "jmp x", "x.asm:13:1: error: jmp is a jump"),
        ("; inputs", "; inpus", "x.asm:1:3: error: unknown directive 'inpus'"),
        ("push rbx", "push rbx ; mov eax, ecx", "an instruction in a comment"),
    ):
        with pytest.raises(InputError) as caught:
            objects.read("x.asm", text="\n".join(plain).replace(old, new))
        assert message in caught.value.render()


def test_what_is_read_does_not_depend_on_the_words_of_messages(monkeypatch):
    header = ["; inputs: [rdi] [rdi+4]", "; outputs: [rdi] [rdi+4]"]
    said = Token.fault
    monkeypatch.setattr(Token, "fault", lambda token, *_, **kind: said(token, "no", "do", **kind))
    for first, last in (
        ("push rbx", "pop rbx"),  # an instruction that the model does not have
        ("mov ecx, 7", "mov rcx, rdi"),  # a number
        ("mov [rsp-8], rbx", "mov rbx, [rsp-8]"),  # the stack
        ("mov rsi, rdi", "mov rcx, rsi"),  # a copy of the address
    ):
        plain = [*header, first, *kernel(a="eax"), last, ""]
        file = objects.read("x.asm", text="\n".join(plain))
        assert (len(file.kernel), file.because) == (8, "assembled, for line 3")


def test_what_was_taken_off_is_named():
    file = read(around(["push rbx"], ["pop rbx"], kernel(a="ebx")))
    assert [token.text for token in file.removed] == ["push", "pop"]
    assert file.notes[0].startswith("2 instructions around the kernel taken off (push, pop)")


WHOLE = ["mov rax, [rdi]", "mov ecx, eax"]
LANES = ["movq xmm1, [rdi]"]


@pytest.mark.parametrize(
    "lines",
    [
        [*WHOLE, "xchg eax, ecx", "mov [rdi], rax"],  # the upper half of rax becomes zero
        ["mov ah, [rdi+1]", "movzx ax, byte ptr [rdi]", "mov [rdi], ax"],  # and ah here
        [*LANES, "vpshufd xmm1{k1}{z}, xmm1, 228", "movq [rdi], xmm1"],
        [*LANES, "vunpcklps xmm1{k1}, xmm1, xmm1", "movq [rdi], xmm1"],
        [*LANES, "vpermilps xmm0, xmm1, xmm1", "movd [rdi], xmm0"],
        [*LANES, "vunpcklps xmm1, xmm1, dword ptr [rdi]{1to4}", "movd [rdi], xmm1"],
        ["mov eax, 256", "xor al, ah", "movzx eax, al"],  # 1
    ],
)
def test_a_move_that_leaves_other_bytes_than_it_seems_is_refused(lines):
    with pytest.raises(InputError):
        read([*lines, *kernel(), "ret"])


def test_keys_exchanged_between_registers_keep_their_places():
    assert verdict(["xchg rsi, rdi", "xchg rdi, rsi", *kernel(), "ret"]) == "proved"
    swapped = [*kernel()[:-2], "xchg eax, ecx", "mov [rdi], ecx", "mov [rdi+4], eax", "ret"]
    assert verdict(swapped) == "proved"


@pytest.mark.parametrize("line", ["psrldq xmm3, 16", "psrlq xmm3, 12"])
def test_a_shift_that_leaves_no_key_is_taken_off(line):
    lines = [
        "movd xmm0, [rdi]", "movd xmm1, [rdi+4]", line, "movdqa xmm2, xmm0", "pminsd xmm0, xmm1",
        "pmaxsd xmm1, xmm2", "movd [rdi], xmm0", "movd [rdi+4], xmm1", "ret",
    ]  # fmt: skip
    assert verdict(lines) == "proved"
    assert "no key that is known" in refusal([*lines[:-2], "movd [rdi+4], xmm3", "ret"])
