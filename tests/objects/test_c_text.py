"""C text is read as its compiler reads it: lines, comments, strings, conditional parts."""

import pytest

from sortopt import objects
from sortopt.base import InputError
from sortopt.tasks.check import judge_file

LINES = (
    "mov (%0), %%eax", "mov 4(%0), %%ecx", "mov %%eax, %%edx", "cmp %%ecx, %%eax",
    "cmovg %%ecx, %%eax", "cmovg %%edx, %%ecx", "mov %%eax, (%0)", "mov %%ecx, 4(%0)",
)  # fmt: skip


NOT_LOOKED_AT = "what f does beside its asm statement is not looked at"


def asm(lines=LINES):
    template = "\\n".join(lines)
    return f'__asm__ volatile ("{template}" : : "r"(p) : "eax", "ecx", "edx", "memory");'


SORTS, SPOILS = asm(), asm([line.replace("cmovg", "cmovl") for line in LINES])


def verdict(body, head="", path="f.c", **options):
    text = f"{head}void f(int *p)\n{{\n{body}\n}}\n"
    return judge_file(objects.read(path, text=text, **options)).verdict.name


def notes(body):
    return objects.read("f.c", text=f"void f(int *p)\n{{\n{body}\n}}\n").notes


def refusal(body, head="", path="f.c"):
    with pytest.raises(InputError) as caught:
        verdict(body, head, path)
    return caught.value.render()


@pytest.mark.parametrize(
    "body",
    [
        SORTS,
        f"// not here: {SPOILS}\n{SORTS}",
        f"// on the next line too \\\n{SPOILS}\n{SORTS}",
        f"// and blanks behind the backslash \\ \t\n{SPOILS}\n{SORTS}",
        f"// ??/\n{SORTS}",
        f"/* /* once */ {SORTS}",
        f"/\\\n* in two lines {SPOILS} *\\\n/ {SORTS}",
        f'const char *s = "/*"; {SORTS} s = "*/";',
        f"""char c = '"'; {SORTS} c = '"';""",
        f'const char *s = "\\"{"//"}"; {SORTS}',
        f"// \f {SPOILS}\n{SORTS}",
        f"// \v {SPOILS}\n{SORTS}",
        f"// \u2028 {SPOILS}\n{SORTS}",
        f"// \x85 {SPOILS}\n{SORTS}",
        SORTS.replace("asm", "as\\\nm").replace("volatile", "vola\\\r\ntile"),
        SORTS.replace("cmovg %%e", "cmo\\\nvg %%e"),
        SORTS.replace("cmp", 'c" /* joined */ "mp'),
        SORTS.replace("\\n", '\\n"\n  "'),
        SORTS.replace("\\n", "; "),
        SORTS.replace("\\n", "\\n\\t/* cmp $1, %%eax */ # cmp\\n"),
        f"#if 0\n{SPOILS}\n#endif\n{SORTS}",
        f"#if 0\n{SPOILS}\n#elif 1\n{SORTS}\n#else\n{SPOILS}\n#endif",
        f"#if defined(__x86_64__) && !defined(_MSC_VER)\n{SORTS}\n#else\n{SPOILS}\n#endif",
        f"%:if 0\n{SPOILS}\n%:endif\n{SORTS}",
        f"# /* a */ if /* b\n*/ 0\n{SPOILS}\n#endif\n{SORTS}",
        f"#if 0\n#if 1\n{SPOILS}\n#else\n{SPOILS}\n#endif\n{SPOILS}\n#else\n{SORTS}\n#endif",
        f"#i\\\nf 0\n{SPOILS}\n#endif\n{SORTS}",
        f"#pragma omp simd\n{SORTS}",
    ],
)
def test_what_is_compiled_is_judged_and_nothing_else(body):
    assert verdict(body) == "proved"


@pytest.mark.parametrize(
    "body",
    [
        SPOILS,
        SORTS.replace("cmp %%ecx", "# \\\ncmp %%ecx"),
        SORTS.replace("cmp %%ecx, %%eax\\n", "# cmp %%ecx, %%eax\\n"),
        SORTS.replace("cmp %%ecx, %%eax\\n", "/* cmp %%ecx, %%eax */\\n"),
        SORTS.replace("cmp %%ecx, %%eax\\n", ".if 0\\ncmp %%ecx, %%eax\\n.endif\\n"),
        SORTS.replace("cmp %%ecx", ".macro cmp from, to\\n.endm\\ncmp %%ecx"),
        f"#if 1\n{SPOILS}\n#else\n{SORTS}\n#endif",
    ],
)
def test_a_comparison_that_is_not_compiled_does_not_count(body):
    assert verdict(body) == "refuted"


def test_a_raw_string_joins_no_lines_and_has_no_escapes():
    raw = SORTS.replace('"mov', 'R"x(mov', 1).replace('4(%0)"', '4(%0))x"').replace("\\n", "\n")
    assert verdict(raw, path="f.cc") == "proved"
    assert verdict(raw.replace("cmp", "# \\\ncmp"), path="f.cc") == "proved"
    assert verdict(raw.replace("cmp", '# ")"\ncmp'), path="f.cc") == "proved"
    assert "the assembler says" in refusal(raw.replace("cmp", "\\x63mp"), path="f.cc")


@pytest.mark.parametrize(
    ("body", "head", "message"),
    [
        (f"#ifdef FAST\n{SORTS}\n#endif", "", "f.c:3:1: error: whether the compiler sees this"),
        (SORTS, "#if LEVEL > 2\n", "f.c:1:1: error: whether the compiler sees this"),
        (SORTS, "#define p q\n", "p is a macro; preprocess first: gcc -E FILE > FILE.i"),
        (SORTS.replace("volatile", "QUICK"), "#define QUICK volatile\n", "QUICK is a macro"),
        ("#define N 1\n" + SORTS.replace('"mov', 'N "mov'), "", "N is a macro"),
        (f"// \r{SORTS}", "", "a carriage return inside a line; end each line with a line feed"),
        (SORTS.replace("cmp", "\\x63mp"), "", "the escape '\\\\x' is not read"),
        (SORTS.replace("cmp", "\\143mp"), "", "the escape '\\\\1' is not read"),
        (SORTS + SORTS, "", "a second asm statement: what the compiler puts between"),
        (SORTS.replace("volatile", "goto"), "", "asm goto leaves the kernel"),
        (SORTS.replace("cmp", "ret; cmp"), "", "this returns from the function around it"),
        (SORTS.replace("cmp", "jmp 1f; 1: cmp"), "", "jmp is a jump"),
        (SORTS.replace("cmp", ".section .data; cmp"), "", "does not end in the section"),
        (SORTS.replace("cmp", '.incbin \\"x\\"; cmp'), "", "this directive reads another file"),
        (SORTS.replace("cmp", ".code32; cmp"), "", "this is code for a processor of 16 or 32"),
        (SORTS, 'asm(".macro cmp from, to\\n.endm");\n', "outside functions may change"),
        ("#if 0\n" + SORTS + "\n#endif", "", "there is no asm statement inside a function"),
    ],
)
def test_what_a_compiler_could_change_is_refused_with_the_way_out(body, head, message):
    assert message in refusal(body, head)


@pytest.mark.parametrize(
    "beside",
    ["p[0] = p[1];", "*p = 5;", "p[i + 1] += 2;", "(*p)++;", "p[0]--;", "p[1] <<= 1;",
     "if (x) p[0] = 1;", "for (;;) { p[1] ^= p[0]; }"],
)  # fmt: skip
def test_a_function_that_assigns_to_the_keys_beside_its_statement_is_refused(beside):
    for body in (SORTS + beside, beside + SORTS):
        assert "f assigns to *p beside its asm statement; only the statement" in refusal(body)


@pytest.mark.parametrize(
    "beside",
    ["assert(p[0] <= p[1]);", "if (p[0] == p[1]) g();", "y = x >= p[0];", "p++;", "return g();",
     "y = x * p[0] == 3;", "p[0] != p[1];"],
)  # fmt: skip
def test_what_else_a_function_does_is_named_as_not_looked_at(beside):
    assert verdict(SORTS + beside) == "proved"
    assert NOT_LOOKED_AT in notes(SORTS + beside)


def test_what_does_nothing_is_not_named():
    harmless = f"int a, *b = p; unsigned c = 3;{SORTS} a = p[0]; return a * 2;"
    assert NOT_LOOKED_AT not in notes(harmless)
    assert NOT_LOOKED_AT in notes(f"return; {SORTS}")


@pytest.mark.parametrize("head", ["auto f = [](int *p) {", "void f(p) int *p; {"])
def test_a_statement_outside_what_is_seen_as_a_function_is_refused_at_its_place(head):
    with pytest.raises(InputError) as caught:
        objects.read("f.cc", text=f"{head} {SORTS} }}")
    assert "this asm statement is in no function that is recognised" in caught.value.render()


OTHER = 'int g(int x)\n{\n    asm("bswap %0" : "+r"(x));\n    return x;\n}\n'


@pytest.mark.parametrize(
    "other", [OTHER, "void h() { asm(frob); }\n", 'int g(int x){asm goto("");}\n']
)
def test_another_function_that_is_not_understood_is_passed_over(other):
    assert verdict(SORTS, head=other, function="f") == "proved"
    with pytest.raises(InputError, match=r"2 functions have one: [gh], f; give --function"):
        verdict(SORTS, head=other)


def test_a_name_is_a_whole_name():
    for wanted in ("F", "ff", "", "f(int*)"):
        with pytest.raises(InputError, match="has an asm statement"):
            verdict(SORTS, function=wanted)
