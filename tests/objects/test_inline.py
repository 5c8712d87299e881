"""GNU inline assembly in C and C++ files: found, its operands filled in, refused with its place."""

import pytest
from assembled import SORT3_LINES, inline_c

from sortopt.base.errors import InputError, Source
from sortopt.formats import parse
from sortopt.formats.program import Options
from sortopt.objects.asm_statement import asm_statement
from sortopt.objects.c_source import CFile
from sortopt.objects.inline import read_inline
from sortopt.verify import verify

SORT3 = parse("\n".join(SORT3_LINES)).kernel


def read(text, function=None, dialect=None, **options):
    source = Source("file.cc", text)
    return read_inline(source, Options(**options), function=function, dialect=dialect)


def refusal(text, **options):
    with pytest.raises(InputError) as caught:
        read(text, **options)
    return caught.value.at(Source("file.cc", text)).render()


def asm(body, operands='"+r"(p) : : "memory", "eax", "ecx", "edx"', before=""):
    return f"{before}void f(int *p) {{ __asm__ __volatile__ ({body} : {operands}); }}\n"


MOVE = '"mov (%0), %%eax\\n\\tmov 4(%0), %%ecx; mov %%eax, 4(%0) # swap\\n mov %%ecx, (%0)"'


def test_form_of_alphadevs_test_file_is_read():
    file = read(inline_c(), function="Sort3")
    assert file.kernel == SORT3
    assert (file.dialect, file.width, len(file.notes)) == ("att", 32, 2)
    assert read(inline_c()).kernel == SORT3


def test_several_instructions_share_a_string_and_comments_are_passed_over():
    kernel = read(asm(MOVE)).kernel
    assert [i.form.mnemonic for i in kernel.instructions] == ["mov"] * 4
    assert kernel.memory_moves == 4


def test_raw_strings_hold_templates():
    assert read(asm('R"(mov (%0), %%eax\n mov %%eax, (%0))"')).kernel.memory_moves == 2


def test_named_and_numbered_operands_and_modifiers_are_filled_in():
    text = asm('"mov (%[p]), %%eax\\n mov %%rax, %q1\\n mov %k1, (%0)"',
               '[p] "+r"(p), "=&r"(t) : : "eax", "memory"')  # fmt: skip
    kernel = read(text).kernel
    assert len({cell.name for cell in kernel.cells}) == 3
    assert verify(kernel).verdict.name == "proved"


def test_operands_avoid_registers_that_the_template_names():
    kernel = read(asm('"mov (%0), %%edi\\n mov %%edi, (%0)"', '"+r"(p) : : "edi"')).kernel
    assert [cell.name for cell in kernel.cells] == ["[rsi]", "edi"]


def test_an_output_that_does_not_say_that_it_is_one_is_refused_as_compilers_do():
    said = refusal(asm(r'"cmpl $2, (%0)\n\tjl 1f\n1:"', '"r"(p) : : "memory", "cc"'))
    assert "the constraint of an output begins with = or +" in said
    assert "behind the next colon" in said


def test_keys_in_register_operands_need_a_contract():
    body = '"cmp %1, %0\\n mov %0, %2\\n cmovg %1, %0\\n cmovg %2, %1"'
    text = asm(body, '"+r"(a), "+r"(b), "=&r"(t)')
    assert "inputs and outputs are not named" in refusal(text)
    kernel = read(text, inputs="%0 %1", outputs="%0 %1").kernel
    assert verify(kernel).verdict.name == "proved"
    wide = read(text.replace("int *p", "int64_t a, int64_t b"), inputs="%0 %1", outputs="%0 %1")
    assert wide.width == 64


def test_vector_operands_are_filled_in():
    body = '"movdqa %0, %2\\n pminsd %1, %0\\n pmaxsd %2, %1"'
    kernel = read(asm(body, '"+x"(a), "+x"(b), "=&x"(t)'), inputs="%0 %1", outputs="%0 %1").kernel
    assert verify(kernel).verdict.name == "proved"


def test_intel_templates_are_told_by_their_directive_or_the_option():
    body = '"mov eax, [%0]\\n mov [%0], eax"'
    told = body.replace('"mov', '".intel_syntax noprefix\\n mov', 1)
    told = told.replace('eax"', 'eax\\n .att_syntax prefix"')
    assert read(asm(told)).dialect == "intel"
    assert read(asm(body), dialect="intel").kernel == read(asm(told)).kernel


def test_dialect_alternatives_are_resolved():
    body = '"mov {(%0), %%eax|eax, [%0]}\\n mov {%%eax, (%0)|[%0], eax}"'
    assert read(asm(body)).kernel == read(asm(body), dialect="intel").kernel
    assert "has no }" in refusal(asm('"mov {(%0), %%eax"'))


@pytest.mark.parametrize(
    ("body", "at", "message"),
    [
        ('"mov (%0), %%eax\\n"\n "jle 1f"', "jle", "jle is a jump"),
        ('"mov (%0), %%eax\\n\\tadd $1, %%eax"', "add", "add is arithmetic"),
        ('"mov (%0), %%eax\\n mov %7, %%eax"', "%7", "there is no operand %7"),
        ('"mov (%0), %%eax\\n mov %[x], %%eax"', "%[x]", "there is no operand %[x]"),
        ('"mov (%0), %%eax\\n mov %edx, (%0)"', "%edx", "in an asm template with operands"),
        ('"mov (%0), %%ea"', "%%ea", "the assembler says: invalid register name"),
        ('"mov (%0), %%eax" NAME', "NAME", "the template of an asm statement is made of"),
        ('"mov (%0), \\x41"', "\\x41", "the escape '\\\\x' is not read"),
    ],
)
def test_faults_are_placed_in_the_c_file(body, at, message):
    text = asm(body)
    start = text.index(at)
    line, column = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
    told = refusal(text)
    assert told.startswith(f"file.cc:{line}:{column}: error: {message}")
    assert told.splitlines()[2].strip(" ^") == ""


def test_a_template_without_operands_names_registers_by_one_percent_sign():
    text = 'void f() { asm("mov (%rdi), %eax\\n mov %eax, (%rdi)"); }'
    assert read(text).kernel.memory_moves == 2


@pytest.mark.parametrize("line", ["push %%rax", "movd (%0), %%xmm0", "add $1, %%eax"])
def test_what_only_an_object_file_is_read_with_is_refused_with_that_way(line):
    assert "in an object file: gcc -O2 -c" in refusal(asm(f'"{line}\\n mov (%0), %%eax"'))


def test_other_asm_statements_are_refused():
    assert "a second asm statement" in refusal(asm(MOVE).replace("}\n", 'asm("" ::: ); }\n'))
    assert "2 functions have one: f, g; give --function" in refusal(
        asm(MOVE) + asm(MOVE).replace("f(", "g(")
    )
    assert "no function 'h' has an asm statement; there is f" in refusal(asm(MOVE), function="h")
    assert "there is no asm statement" in refusal('int x; int y asm("z");')
    assert "an asm block of another compiler" in refusal("void f() { __asm { mov eax, ebx } }")
    assert "does not end" in refusal('void f() { asm("mov" ')
    assert 'the constraint "+m"'.replace('"', "'") in refusal(asm(MOVE, '"+m"(p)'))
    assert "the constraint '%r' is not read" in refusal(asm(MOVE, '"+r"(p) : "%r"(q)'))
    assert "expected an asm operand" in refusal(asm(MOVE, "p"))
    assert "expected a comma" in refusal(asm(MOVE, '"+r"(p) "r"(q)'))
    assert "inline assembly is att or intel" in refusal(asm(MOVE), dialect="cgo")


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ('int f(int x) { if (x) { asm("a"); } }', "f"),
        ('struct S { void g() const noexcept(true) { asm("a"); } };', "g"),
        ('void h() __attribute__((noinline)); void k() { for (;;) { asm("a"); } }', "k"),
        ('#define X() {\nvoid m() { /* { */ char c = \'{\'; const char *s = "{"; asm("a"); }', "m"),
        ('namespace n { auto p() -> int { asm("a"); } }', "p"),
        ('int y asm("z"); void q() { asm("a"); }', "q"),
    ],
)
def test_the_function_around_an_asm_statement_is_found(text, function):
    file = CFile(Source("file.cc", text))
    at, around = file.choose(None)
    assert around.name == function
    assert "".join(letter.text for letter in asm_statement(file, at).template) == "a"


@pytest.mark.parametrize("n", [6, 13])
def test_as_many_operands_as_x86_has_registers_are_filled_in(n):
    cells = [f"%{i}" for i in range(n)]
    body = '"' + "\\n ".join(f"mov %0, {cell}" for cell in cells[1:]) + '"'
    operands = ", ".join(['"+r"(a)', *(f'"=&r"(t{i})' for i in range(1, n))])
    kernel = read(asm(body, operands), inputs="%0", outputs="%0").kernel
    assert len(kernel.cells) == n


COPY = """\
void copy2({parameters}) {{
  {before}asm volatile(
      "mov (%0), %%eax; mov 4(%0), %%ecx; cmp %%eax, %%ecx; mov %%eax, %%edx; cmovl %%ecx, %%edx;"
      "cmovl %%eax, %%ecx; mov %%edx, (%1); mov %%ecx, 4(%1)"
      : : "r"({first}), "r"(out) : "eax", "ecx", "edx", "memory", "cc");
}}
"""


def copy(parameters, before="", first="in"):
    text = COPY.format(parameters=parameters, before=before, first=first)
    return read_inline(Source("x.c", text), Options())


@pytest.mark.parametrize(
    "parameters",
    [
        "const int *restrict in, int *restrict out",
        "const int *in, int *__restrict out",
        "int n, int *__restrict__ const in, int *out",
    ],
)
def test_parameters_with_restrict_are_buffers_that_do_not_overlap(parameters):
    file = copy(parameters)
    assert verify(file.kernel).verdict.name == "proved"
    said = "the buffers behind rdi and rsi are taken not to overlap, as restrict says"
    assert said in file.notes


@pytest.mark.parametrize(
    ("parameters", "before", "first"),
    [
        ("const int *in, int *out", "", "in"),
        ("int *restrict *in, int *out", "", "in"),
        ("int *restrict in[2], int *out", "", "in"),
        ("int *restrict in, int *restrict out", "in = out; ", "in"),
        ("int *restrict out", "int *in = out + 1; ", "in"),
        ("int *restrict out", "", "in"),
        ("int *in, int *restrict out", "", "out + 1"),
        ("int *in, int *out, int *restrict other", "", "in"),
    ],
)
def test_pointers_that_may_overlap_are_not_told_apart_by_restrict(parameters, before, first):
    with pytest.raises(InputError, match="may overlap"):
        copy(parameters, before, first)
