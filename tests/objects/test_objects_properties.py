"""Whatever is thrown at the readers is read, or refused with one message; nothing hangs."""

import tracemalloc

from assembled import ASSEMBLY, SORT3_LINES, inline_c
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import buffer_kernels

from sortopt.base.errors import InputError, SortoptError, Source
from sortopt.formats import KernelFile, parse, print_kernel
from sortopt.formats.program import Options
from sortopt.native.assembler import assemble
from sortopt.objects import read as read_any
from sortopt.objects.decode import listed, program
from sortopt.objects.elf import ElfFile
from sortopt.objects.inline import read_inline

OBJECT = assemble(ASSEMBLY)
MOST_MEMORY = 64 << 20

PIECES = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=3),
    st.sampled_from(
        [
            "[rdi+4]", "8(%rdi)", "(%rdi,%rax,4)", "[rsp]", "dword ptr", "[", "]", "(", ")", "%0",
            "%%", "%[x]", "{", "|", "}", '"', "\\n", "\\", "asm", ":", "::", "/*", "*/", "//",
            "R\"(", "ret", "jle", "rax", "edi", "0x", "-4", "99999999999", ".byte 6", "xmm0",
            "movq", "\n", "\0", "\t", "#", ";", "@", "memory", ".if 0\n", ".else\n", ".endif\n",
            ".macro m a\n", ".endm\n", ".rept 2\n", ".endr\n", ".section .x\n", ".text\n",
            "\\\n", "#if 0\n", "#endif\n", '"+r"', '"=&r"', "\r", "\f", "unsigned", "::",
        ]
    ),
)  # fmt: skip


@st.composite
def mutated(draw, text):
    """Draw `text` with up to eight cuts and insertions."""
    for _ in range(draw(st.integers(1, 8))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        text = text[:start] + draw(PIECES) + text[end:]
    return text


def answer(call):
    """Return what `call` returns, or the error that a user may see; other exceptions pass."""
    try:
        return call()
    except SortoptError as error:
        refused = error
    assert refused.render().splitlines()[0].strip()
    return refused


@given(buffer_kernels(), st.sampled_from(["intel", "att"]))
def test_print_then_parse_is_identity_on_kernels_of_a_buffer(kernel, dialect):
    text = print_kernel(kernel, dialect)
    assert parse(text, dialect=dialect).kernel == kernel
    assert parse(text).kernel == kernel


@settings(max_examples=300)
@given(mutated("\n".join(f"    {line}" for line in SORT3_LINES)))
def test_a_mutated_buffer_kernel_is_read_or_refused(text):
    read = answer(lambda: parse(text))
    if isinstance(read, KernelFile):
        assert parse(print_kernel(read.kernel)).kernel == read.kernel


@settings(max_examples=300)
@given(mutated(inline_c()))
def test_a_mutated_c_file_is_read_or_refused(text):
    read = answer(lambda: read_inline(Source("file.cc", text), Options()))
    assert isinstance(read, KernelFile | InputError)
    if isinstance(read, InputError) and read.span is not None:
        assert read.span.line >= 1
        assert read.span.column >= 1


@settings(max_examples=200)
@given(mutated(ASSEMBLY))
def test_a_mutated_assembly_text_is_read_or_refused(text):
    assert isinstance(answer(lambda: read_any("file.s", text=text)), KernelFile | SortoptError)


@settings(max_examples=300)
@given(
    st.lists(
        st.tuples(st.integers(0, len(OBJECT) - 1), st.integers(0, 255)), min_size=1, max_size=8
    ),
    st.integers(0, len(OBJECT)),
)
def test_a_damaged_object_file_is_read_or_refused(changes, length):
    data = bytearray(OBJECT)
    for at, byte in changes:
        data[at] = byte
    for each in (bytes(data), OBJECT[:length]):
        tracemalloc.start()
        read = answer(lambda each=each: functions(each))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert isinstance(read, tuple | InputError)
        assert peak < MOST_MEMORY


def functions(data):
    """Return the instructions of the only function of an object file."""
    return program(listed(ElfFile(data, "x.o").function(None), "x.o"))


@given(st.binary(max_size=300))
def test_binary_junk_behind_the_magic_number_is_refused(data):
    assert isinstance(answer(lambda: functions(b"\x7fELF" + data)), InputError)
