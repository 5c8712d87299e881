"""Whatever is thrown at the readers is read, or refused with one message; nothing hangs."""

import tracemalloc

from assembled import ASSEMBLY, SORT3_LINES, inline_c
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import buffer_kernels

from sortopt.base.errors import InputError, SortoptError, Source
from sortopt.formats import KernelFile, parse, print_kernel
from sortopt.formats.detection import by_name
from sortopt.formats.inline import read_inline
from sortopt.formats.lexer import lines
from sortopt.formats.program import Options
from sortopt.native.assembler import assemble
from sortopt.objects import assembly
from sortopt.objects import read as read_any
from sortopt.objects.decode import decode, listing, program
from sortopt.objects.elf import choose, read_elf

OBJECT = assemble(ASSEMBLY)
MOST_MEMORY = 64 << 20

PIECES = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=3),
    st.sampled_from(
        [
            "[rdi+4]", "8(%rdi)", "(%rdi,%rax,4)", "[rsp]", "dword ptr", "[", "]", "(", ")", "%0",
            "%%", "%[x]", "{", "|", "}", '"', "\\n", "\\", "asm", ":", "::", "/*", "*/", "//",
            "R\"(", "ret", "jle", "rax", "edi", "0x", "-4", "99999999999", ".byte 6", "xmm0",
            "movq", "\n", "\0", "\t", "#", ";", "@", "memory",
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


@given(mutated(ASSEMBLY))
def test_a_mutated_assembly_text_is_labelled_line_by_line(text):
    """All but the assembler itself, which takes a process for each text."""
    source = Source("file.s", text)
    for dialect in ("att", "intel"):
        read = tuple(lines(source, separated=True))
        labelled = answer(lambda read=read, d=dialect: assembly.labelled(read, intel=d == "intel"))
        if not isinstance(labelled, InputError):
            written, origin = labelled
            assert len(written) == len(origin)
            assert max(origin) <= len(text.splitlines())
        assert assembly.is_intel(read, by_name(dialect)) in (True, False)


@settings(max_examples=12)
@given(mutated(ASSEMBLY))
def test_a_mutated_assembly_text_is_read_or_refused(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("fuzz") / "file.s"
    path.write_bytes(text.encode())
    assert isinstance(answer(lambda: read_any(path)), KernelFile | SortoptError)


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
    function = choose(read_elf(data, "x.o").functions, None, "x.o")
    decoded = decode(function, "x.o")
    return program(function, decoded, listing(function, decoded, "x.o"))


@given(st.binary(max_size=300))
def test_binary_junk_behind_the_magic_number_is_refused(data):
    assert isinstance(answer(lambda: functions(b"\x7fELF" + data)), InputError)
