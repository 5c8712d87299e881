"""Lists of kernels: another kernel begins with the comments that name its inputs."""

import pytest

from sortopt.formats import SeveralKernels, check_single

MOVE = "; {}\n; inputs:  eax\n; outputs: ecx\n    mov ecx, eax\n"


def kernels(text, name="k.asm"):
    with pytest.raises(SeveralKernels) as caught:
        check_single(text.encode(), name)
    return dict(caught.value.texts)


@pytest.mark.parametrize("between", ["", "\n", "\n\n", "; a remark on the first\n\n", "\x0c\n"])
def test_a_list_is_split_before_the_comments_of_each_kernel(between):
    found = kernels(MOVE.format("one") + between + MOVE.format("two"))
    assert list(found) == ["k.asm, kernel 1", "k.asm, kernel 2"]
    assert found["k.asm, kernel 2"] == MOVE.format("two") or not between.strip()
    assert "".join(found.values()) == MOVE.format("one") + between + MOVE.format("two")


@pytest.mark.parametrize(
    "text",
    [
        MOVE,
        "; inputs: eax\n; inputs: eax\n    mov ecx, eax\n",
        MOVE + "    ; outputs: ecx\n",
        MOVE + ".text\n" + MOVE,
        "f:\n" + MOVE + MOVE,
        "/*\n" + MOVE + MOVE,
        MOVE + "mov eax, ecx ; inputs: eax\n",
    ],
)
def test_one_kernel_and_text_for_an_assembler_are_no_list(text):
    check_single(text.encode(), "k.asm")


def test_a_line_ends_at_a_line_feed_and_nowhere_else():
    check_single((MOVE + "    mov ecx, eax\u2028; inputs: eax\n").encode(), "k.asm")
    check_single((MOVE + "    mov ecx, eax\x0c; inputs: eax\n").encode(), "k.asm")
