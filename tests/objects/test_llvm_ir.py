"""LLVM IR: compiled and decoded; asm calls that LLVM might compile otherwise are refused."""

import pytest

from sortopt.base import InputError
from sortopt.objects import read
from sortopt.verify import verify

TWO = """
; a comment with asm "x", "y" and define void @nothing(
define void @two(ptr %keys) {
  %k0 = load i32, ptr %keys, align 4
  %p1 = getelementptr inbounds i32, ptr %keys, i64 1
  %k1 = load i32, ptr %p1, align 4
  %all = call { i32, i32, i32 } asm "mov ${0:k}, ${2:k}\\0Acmp ${1:k}, ${0:k}\\0A\
cmovg ${1:k}, ${0:k}\\0Acmovg ${2:k}, ${1:k}", "=&r,=&r,=&r,0,1,~{flags}"(i32 %k0, i32 %k1)
  %r0 = extractvalue { i32, i32, i32 } %all, 0
  %r1 = extractvalue { i32, i32, i32 } %all, 1
  store i32 %r0, ptr %keys, align 4
  store i32 %r1, ptr %p1, align 4
  ret void
}

define void @choose(ptr %keys) {
  %k0 = load i32, ptr %keys, align 4
  %p1 = getelementptr inbounds i32, ptr %keys, i64 1
  %k1 = load i32, ptr %p1, align 4
  %c = icmp slt i32 %k1, %k0
  %least = select i1 %c, i32 %k1, i32 %k0
  %most = select i1 %c, i32 %k0, i32 %k1
  store i32 %least, ptr %keys, align 4
  store i32 %most, ptr %p1, align 4
  ret void
}
"""


def verdict(text, function=None):
    return verify(read("two.ll", text=text, function=function).kernel).verdict.name


def test_the_function_with_an_asm_call_is_read_or_the_one_that_is_named():
    assert verdict(TWO) == verdict(TWO, "two") == verdict(TWO, "choose") == "proved"
    assert "LLVM IR, function two as LLVM compiles it" in read("two.ll", text=TWO).because


@pytest.mark.parametrize(
    ("old", "new", "function"),
    [
        ("cmovg", "cmovl", "two"),
        ("ptr %keys, align 4\n  store i32 %r1", "ptr %p1, align 4\n  store i32 %r0", "two"),
        ("icmp slt", "icmp sgt", "choose"),
        ("icmp slt", "icmp ult", "choose"),
    ],
)
def test_a_wrong_function_is_not_proved(old, new, function):
    assert old in TWO
    kernel = read("two.ll", text=TWO.replace(old, new), function=function).kernel
    assert verify(kernel, key="int32").verdict.name == "refuted"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("=&r,=&r,=&r", "=&r,=&r,=r", "an output without & may share a register"),
        ("=&r,0,1,", "=&r,0,r,", "an input that is no output"),
        ("mov ${0:k}, ${2:k}", "mov ${0:k}, %esi", "it names esi"),
        ("mov ${0:k}, ${2:k}", "mov ${0:k}, (${2:q})", "it may use memory"),
        ('asm "mov', 'asm inteldialect "mov', "its form is not understood"),
        ("define void @two", 'module asm "nop"\ndefine void @two', "this asm call is not read"),
        ("load i32", "lod i32", "LLVM says: expected instruction"),
        ("cmovg", "frob", "invalid instruction mnemonic"),
        (
            "define void @two",
            'target triple = "aarch64-linux-gnu"\ndefine void @two',
            "for aarch64-linux-gnu, which is compiled here for x86-64 alone",
        ),
        (
            "define void @two",
            'target triple = "arm\n64"\ndefine void @two',
            "for arm?64, which is compiled here for x86-64 alone",
        ),
        ("@two", "@three", "holds no function 'two'"),
    ],
)
def test_what_may_be_compiled_to_something_else_is_refused(old, new, message):
    assert old in TWO
    with pytest.raises(InputError) as caught:
        read("two.ll", text=TWO.replace(old, new), function="two")
    assert message in caught.value.render()


COPY = """
define void @copy2(ptr noalias %a, ptr noalias %b) {
  %x = load i32, ptr %a, align 4
  %p = getelementptr i32, ptr %a, i64 1
  %y = load i32, ptr %p, align 4
  %c = icmp slt i32 %x, %y
  %low = select i1 %c, i32 %x, i32 %y
  %high = select i1 %c, i32 %y, i32 %x
  store i32 %low, ptr %b, align 4
  %q = getelementptr i32, ptr %b, i64 1
  store i32 %high, ptr %q, align 4
  ret void
}
"""


def test_pointers_declared_noalias_are_to_buffers_that_do_not_overlap():
    for text in (COPY, COPY.replace(" noalias", "", 1)):
        file = read("x.ll", text=text)
        assert verify(file.kernel).verdict.name == "proved"
        said = "the buffers behind rdi and rsi are taken not to overlap, as noalias says"
        assert said in file.notes
    for old, new in ((" noalias", ""), ("(ptr", "({ ptr } %s, ptr"), ("(ptr noalias", "(ptr")):
        with pytest.raises(InputError, match="may overlap"):
            read("x.ll", text=COPY.replace(old, new).replace("%b) {", "%b, ptr %z) {"))
