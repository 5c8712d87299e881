"""Object files of macOS and Windows and archives are read as ELF files are."""

import pytest
from llvmlite import binding as llvm

from sortopt import objects
from sortopt.base.errors import InputError
from sortopt.objects import Branches
from sortopt.objects.archive import members
from sortopt.verify import verify, verify_branching

TRIPLES = {
    "macos": "x86_64-apple-macosx", "macos-arm": "arm64-apple-macosx",
    "windows": "x86_64-pc-windows-msvc", "windows-arm": "aarch64-pc-windows-msvc",
}  # fmt: skip
IR = """
define void @sort2(ptr %p) {
  %q = getelementptr i32, ptr %p, i64 1
  %a = load i32, ptr %p
  %b = load i32, ptr %q
  %c = icmp slt i32 %a, %b
  %l = select i1 %c, i32 %a, i32 %b
  %h = select i1 %c, i32 %b, i32 %a
  store i32 %l, ptr %p
  store i32 %h, ptr %q
  ret void
}
define void @swap2(ptr %p) {
  %q = getelementptr i32, ptr %p, i64 1
  %a = load i32, ptr %p
  %b = load i32, ptr %q
  %c = icmp ult i32 %b, %a
  br i1 %c, label %swap, label %end
swap:
  store i32 %b, ptr %p
  store i32 %a, ptr %q
  br label %end
end:
  ret void
}
declare void @other(ptr)
define void @calls(ptr %p) {
  tail call void @other(ptr %p)
  ret void
}
"""
CALLS = """
define internal void @order(ptr %p, ptr %q) noinline {
  %a = load i32, ptr %p
  %b = load i32, ptr %q
  %c = icmp slt i32 %a, %b
  %l = select i1 %c, i32 %a, i32 %b
  %h = select i1 %c, i32 %b, i32 %a
  store i32 %l, ptr %p
  store i32 %h, ptr %q
  ret void
}
define void @sort3(ptr %p) {
  %q = getelementptr i32, ptr %p, i64 1
  %r = getelementptr i32, ptr %p, i64 2
  call void @order(ptr %p, ptr %q)
  call void @order(ptr %q, ptr %r)
  tail call void @order(ptr %p, ptr %q)
  ret void
}
define void @faulty3(ptr %p) {
  %q = getelementptr i32, ptr %p, i64 1
  %r = getelementptr i32, ptr %p, i64 2
  call void @order(ptr %p, ptr %q)
  tail call void @order(ptr %q, ptr %r)
  ret void
}
declare void @other(ptr)
define void @calls(ptr %p) {
  call void @other(ptr %p)
  call void @order(ptr %p, ptr %p)
  ret void
}
"""
SORT2 = """
.globl NAME
NAME: mov (BASE), %eax
 mov 4(BASE), %ecx
 mov %eax, %edx
 cmp %eax, %ecx
 cmovl %ecx, %eax
 cmovl %edx, %ecx
 mov %eax, (BASE)
 mov %ecx, 4(BASE)
 ret
"""


def compiled(triple, text=IR, **options):
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    llvm.initialize_native_asmparser()
    module = llvm.parse_assembly(text)
    module.triple = triple
    machine = llvm.Target.from_triple(triple).create_target_machine(opt=2, **options)
    return machine.emit_object(module)


def assembled(triple, text, base="%rdi", name="f"):
    lines = text.replace("BASE", base).replace("NAME", name).replace("\n", "\\0A")
    return compiled(triple, f'module asm "{lines}"')


@pytest.fixture(scope="module")
def made():
    return {name: compiled(triple) for name, triple in TRIPLES.items()}


@pytest.fixture
def read(tmp_path):
    def call(data, function=None):
        path = tmp_path / "x.o"
        path.write_bytes(data)
        return objects.read(path, function=function)

    return call


@pytest.mark.parametrize("name", TRIPLES)
def test_a_function_is_read_by_the_name_it_has_in_c(made, read, name):
    assert verify(read(made[name], "sort2").kernel).verdict.name == "proved"
    with pytest.raises(Branches) as caught:
        read(made[name], "swap2")
    assert verify_branching(caught.value.branching).verdict.name == "proved"


@pytest.mark.parametrize("name", TRIPLES)
def test_calls_of_functions_of_the_file_are_followed(read, name):
    data = compiled(TRIPLES[name], CALLS, reloc="pic", codemodel="default")
    for function, expected in (("sort3", "proved"), ("faulty3", "refuted")):
        with pytest.raises(Branches) as caught:
            read(data, function)
        assert caught.value.file.notes[0] == "calls order, as this file defines it"
        assert verify_branching(caught.value.branching).verdict.name == expected
    with pytest.raises(InputError, match="this calls other, which is not followed"):
        read(data, "calls")


@pytest.mark.parametrize("name", TRIPLES)
def test_what_a_linker_fills_in_is_never_followed(made, read, name):
    with pytest.raises(InputError, match=r"this (jumps|refers) to other") as caught:
        read(made[name], "calls")
    assert not isinstance(caught.value, Branches)


@pytest.mark.parametrize("name", TRIPLES)
def test_the_functions_there_are_get_named(made, read, name):
    with pytest.raises(InputError, match="holds 3 functions: calls, sort2, swap2"):
        read(made[name])
    with pytest.raises(InputError, match="holds no function") as caught:
        read(made[name], "_sort2")
    assert caught.value.hint == "did you mean sort2?"


def test_a_function_is_held_to_the_calling_convention_of_its_system(read):
    for triple, base, name, unsafe in (
        (TRIPLES["macos"], "%rdi", "_f", False), (TRIPLES["windows"], "%rcx", "f", True),
    ):  # fmt: skip
        text = SORT2.replace("%ecx", "%esi")
        found = read(assembled(triple, text, base, name))
        assert verify(found.kernel).proved
        assert [b.message for b in found.breaches] == unsafe * [
            "the function overwrites rsi, which its caller expects back"
        ]
        spilled = SORT2.replace("%ecx", "%r8d").replace(
            " ret", " mov %eax, -8(%rsp)\n mov -8(%rsp), %eax\n ret"
        )
        data = assembled(triple, spilled, base, name)
        if unsafe:
            with pytest.raises(InputError, match="the stack where it may be overwritten"):
                read(data)
        else:
            assert verify(read(data).kernel).proved


@pytest.mark.parametrize("name", TRIPLES)
def test_a_damaged_file_gets_one_clear_line(made, read, name):
    data = made[name]
    for cut in (5, 40, len(data) // 2, len(data) - 100):
        with pytest.raises(InputError) as caught:
            read(data[:cut], "calls")
        assert "\n" not in caught.value.render()


def archive(parts, bsd=False):
    """Return an archive as GNU's ar, or BSD's, writes it."""
    long_names = "".join(f"{name}/\n" for name in parts if len(name) > 15).encode()
    made = b"!<arch>\n"

    def add(name, data):
        nonlocal made
        made += b"%-16s%-12d%-6d%-6d%-8o%-10d`\n" % (name, 0, 0, 0, 0o644, len(data))
        made += data + b"\n" * (len(data) % 2)

    if long_names and not bsd:
        add(b"//", long_names)
    for name, data in parts.items():
        if bsd:
            padded = name.encode() + b"\0" * 3
            add(b"#1/%d" % len(padded), padded + data)
        elif len(name) > 15:
            add(b"/%d" % long_names.index(f"{name}/".encode()), data)
        else:
            add(f"{name}/".encode(), data)
    return made


@pytest.mark.parametrize("bsd", [False, True])
def test_a_function_is_found_in_the_member_of_an_archive_that_has_it(made, read, bsd):
    other = compiled("x86_64-pc-linux-gnu", IR.replace("@sort2", "@sort2_elf"))
    parts = {"readme.txt": b"text", "a.o": made["macos"], "a_name_of_some_length.o": other}
    data = archive(parts, bsd)
    assert dict(members(data, "x.a")) | parts == dict(members(data, "x.a"))
    for function in ("sort2", "sort2_elf"):
        assert verify(read(data, function).kernel).proved
    with pytest.raises(InputError, match=r"swap2 is in a\.o, a_name_of_some_length\.o") as caught:
        read(data, "swap2")
    assert caught.value.hint.startswith("unpack one: ar x ")
    with pytest.raises(InputError, match=r"holds functions in a\.o, a_name"):
        read(data)
    with pytest.raises(InputError, match="holds no function 'sort3'") as caught:
        read(data, "sort3")
    assert caught.value.hint == "did you mean sort2?"
    assert verify(
        read(
            archive({"a.o": compiled(TRIPLES["macos"], IR[: IR.index("define void @swap2")])})
        ).kernel
    ).proved


@pytest.mark.parametrize(
    "data",
    [b"!<arch>\nshort", b"!<arch>\n" + b" " * 60, archive({"a.o": b"1234"})[:-2]],
)  # fmt: skip
def test_a_damaged_archive_is_named(read, data):
    with pytest.raises(InputError, match="is a damaged archive"):
        read(data)


def test_an_archive_without_object_files_holds_no_function(read):
    with pytest.raises(InputError, match="holds no function"):
        read(archive({"readme.txt": b"text"}))
