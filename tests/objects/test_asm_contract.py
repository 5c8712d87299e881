"""An asm statement is held against what it declares: unsafe, with operand, instruction and fix."""

import shutil
import subprocess

import pytest

from sortopt import objects
from sortopt.base import InputError
from sortopt.cli.app import run
from sortopt.tasks.check import judge_file, verify_file

LOADED = (
    "mov (%0), %%eax", "mov 4(%0), %%ecx", "mov %%eax, %%edx", "cmp %%ecx, %%eax",
    "cmovg %%ecx, %%eax", "cmovg %%edx, %%ecx", "mov %%eax, (%0)", "mov %%ecx, 4(%0)",
)  # fmt: skip
BUFFER = ': : "r"(p) : "eax", "ecx", "edx", "memory"'
HELD = ("mov %0, %2", "cmp %1, %0", "cmovg %1, %0", "cmovg %2, %1")
KEPT = ': "+r"(a), "+r"(b), "=&r"(t)'
APART = ("mov %2, %0", "mov %3, %1", "cmp %3, %2", "cmovg %3, %0", "cmovg %2, %1")
MOVED = ': "=&r"(x), "=&r"(y) : "r"(a), "r"(b)'


def statement(lines, operands, qualifier="volatile", keys="int *p"):
    template = "".join(f'"{line}\\n"\n' for line in lines)
    return (
        f"int f({keys}, int *o) {{\n  int a = p[0], b = p[1], t, x, y;\n"
        f"  __asm__ {qualifier} ({template} {operands});\n"
        "  o[0] = a + x; o[1] = b + y;\n  return 0;\n}\n"
    )


def judged(text, **options):
    file = objects.read("f.c", text=text, **options)
    return judge_file(file).verdict, file


HELD_KEYS = {"inputs": "%0 %1", "outputs": "%0 %1"}
APART_KEYS = {"inputs": "%2 %3", "outputs": "%0 %1"}


@pytest.mark.parametrize(
    ("lines", "operands", "options"),
    [
        (LOADED, BUFFER, {}),
        (LOADED, ': : "r"(p) : "rax", "%ecx", "dl", "memory", "cc"', {}),
        (LOADED, ': "+r"(p) : : "eax", "ecx", "edx", "memory"', {}),
        (HELD, KEPT, HELD_KEYS),
        (HELD, ': "+&r"(a), "+&r"(b), "=&r"(t) : : "cc"', HELD_KEYS),
        (HELD, ': "+r"(a), "+r"(b), "=r"(t)', HELD_KEYS),
        (HELD, ': "=r"(a), "=r"(b), "=r"(t) : "0"(a), "1"(b)', HELD_KEYS),
        (APART, MOVED, APART_KEYS),
        (("mov %1, %0", "cmp %2, %1", "cmovg %2, %0"), ': "=&r"(x) : "r"(a), "r"(b)',
         {"inputs": "%1 %2", "outputs": "%0", "goal": "min"}),
        (("cmp %1, %0", "cmovg %1, %0"), ': "+r"(a) : "r"(b)',
         {"inputs": "%0 %1", "outputs": "%0", "goal": "min"}),
    ],
)  # fmt: skip
def test_a_statement_that_declares_all_it_does_is_proved(lines, operands, options):
    verdict, file = judged(statement(lines, operands), **options)
    assert (verdict.name, file.breaches) == ("proved", ())


UNSAFE = [
    (APART, ': "=r"(x), "=&r"(y) : "r"(a), "r"(b)', APART_KEYS,
     ['%0 "=r" is written by `mov %2, %0` while', "are still to be read", 'write "=&r" for %0']),
    (APART, ': "=&r"(x), "=r"(y) : "r"(a), "r"(b)', APART_KEYS,
     ['%1 "=r" is written by `mov %3, %1`', 'write "=&r" for %1']),
    (APART, ': "=a"(x), "=d"(y) : "r"(a), "r"(b)', APART_KEYS,
     ['write "=&a" for %0', 'write "=&d" for %1']),
    (("mov %1, %0", "cmp %2, %1", "cmovg %2, %0"), ': "=r"(x) : "r"(a), "r"(b)',
     {"inputs": "%1 %2", "outputs": "%0", "goal": "min"}, ['write "=&r" for %0']),
    (("cmp %1, %0", "cmovg %1, %0", "cmp %1, %0"), ': "+r"(a) : "r"(b)',
     {"inputs": "%0 %1", "outputs": "%0", "goal": "min"},
     ["where both hold one value", 'write "+&r" for %0']),
    (LOADED, ': : "r"(p) : "eax", "ecx", "memory"', {},
     ["`mov %%eax, %%edx` writes edx, which is not declared", 'add "edx" to the clobbers']),
    (LOADED, ': : "r"(p) : "eax", "ecx", "edx"', {},
     ["`mov %%eax, (%0)` writes memory, which is not declared", 'add "memory" to the clobbers']),
    (HELD, ': "+r"(a) : "r"(b), "r"(t)', HELD_KEYS,
     ['writes %2 "r", which is an input only', 'make it an output, "+r" for %1']),
    (HELD, ': "=&r"(a), "+r"(b), "=&r"(t)', HELD_KEYS,
     ['`mov %0, %2` reads %0 "=&r", to which no input gives a value', 'write "+&r" for %0']),
    (("mov %[b], %[x]",), ': [x] "=r"(x), "=r"(y) : [a] "r"(a), [b] "r"(b)',
     {"inputs": "%[a] %[b]", "outputs": "%[x]", "goal": "max", "assume": "a<=b"}, None),
    (tuple(line.replace("%%", "%").replace("(%0)", "(%rdi)") for line in LOADED), "", {},
     ["reads rdi, to which no input gives a value", 'make it an operand, for example "r"(buffer)']),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "operands", "options", "messages"), UNSAFE)
def test_a_statement_that_hides_what_it_does_is_unsafe(lines, operands, options, messages):
    verdict, file = judged(statement(lines, operands), **options)
    if messages is None:  # nothing is read behind the write: there is nothing to hide
        assert verdict.name == "proved"
        return
    assert (verdict.name, verdict.instructions.name) == ("unsafe", "proved")
    told = "\n".join(f"{breach.line}: {breach.message}; {breach.fix}" for breach in file.breaches)
    assert all(message in told for message in messages), told
    assert all(3 <= breach.line < 14 for breach in file.breaches)


def test_wrong_instructions_are_refuted_whatever_is_declared():
    lines = [line.replace("cmovg", "cmovl") for line in HELD]
    verdict, file = judged(statement(lines, ': "+r"(a) : "r"(b), "r"(t)'), **HELD_KEYS)
    assert verdict.name == "refuted"
    assert file.breaches


def test_memory_stored_by_a_statement_that_the_compiler_may_delete_is_unsafe():
    text = (
        "void f(int *p) { int t;\n__asm__ ("
        + "".join(f'"{line}\\n"' for line in LOADED).replace("%0", "%1").replace("%%eax", "%0")
        + ' : "=&r"(t) : "r"(p) : "ecx", "edx", "memory"); }\n'
    )
    verdict, file = judged(text)
    assert verdict.name == "unsafe"
    assert "write volatile behind asm" in file.breaches[0].fix
    assert judged(text.replace("__asm__", "__asm__ volatile"))[0].name == "proved"
    assert judged(text.replace("); }", "); g(t); }"))[0].name == "proved"


@pytest.mark.parametrize(
    ("operands", "message"),
    [
        (': "+r"(a), "+r"(a), "=&r"(t)', "two outputs are one variable"),
        (': "+a"(a), "+r"(b), "=&r"(t) : : "eax"', "rax is both an operand and a clobber"),
        (': "+m"(a), "+r"(b), "=&r"(t)', "write (%0), and add"),
        (': "+r"(a), "+r"(b), "=&r"(t), "+m"(c)', "the template does not name it: leave it out"),
        (': "+r"(a), "+r"(b), "=&r"(t), [c] "+m"(c)', "the template does not name it"),
        (': "+r"(a), "+r"(b), "=&r"(t) : "i"(4)', "write the number into the template"),
        (': "=@ccl"(a), "+r"(b), "=&r"(t)', "in the template, setl %b0"),
        (': "+rm"(a), "+r"(b), "=&r"(t)', "the constraint '+rm' is not read"),
        (': "+a"(a), "+a"(b), "=&r"(t)', "two operands are both in rax"),
    ],
)
def test_operands_that_are_not_read_are_refused(operands, message):
    with pytest.raises(InputError) as caught:
        objects.read("f.c", text=statement(HELD, operands), **HELD_KEYS)
    assert message in caught.value.render()


@pytest.mark.parametrize(
    ("declared", "verdict"),
    [
        ("int *p", "proved"),
        ("int p[2]", "proved"),
        ("const signed *restrict p", "proved"),
        ("unsigned *p", "refuted"),
        ("unsigned (&p)[2]", "refuted"),
        ("unsigned int p[]", "refuted"),
        ("uint32_t p[static 2]", "refuted"),
        ("uint_least32_t *p", "refuted"),
        ("char32_t p[2]", "refuted"),
        ("uint_fast32_t *p", "keys of type uint_fast32_t are not judged"),
        ("size_t *p", "the keys are declared as uint64, but the instructions read 32 bits"),
        ("long long *p", "the keys are declared as int64, but the instructions read 32 bits"),
        ("short *p", "keys of type short are not judged"),
        ("float *p", "keys of type float are not judged"),
    ],
)
def test_the_declared_type_of_the_keys_is_what_they_are_judged_as(declared, verdict):
    text = statement(LOADED, BUFFER, keys=declared)
    if " " in verdict:
        with pytest.raises(InputError) as caught:
            objects.read("f.c", text=text)
        assert verdict in caught.value.message
    else:
        assert judged(text)[0].name == verdict


@pytest.mark.parametrize(
    "before",
    [
        "typedef uint32_t word; typedef word *words;\nint f(words p) {",
        "using word = unsigned;\nint f(word *p) {",
        "int f(void *q) { const uint32_t *p = (uint32_t *)q;",
        "extern int *p;\nint f(void) { unsigned *p = g();",
    ],
)
def test_the_type_is_found_through_other_declarations(before):
    template = "".join(f'"{line}\\n"' for line in LOADED)
    verdict, _ = judged(f"{before} __asm__ volatile ({template} {BUFFER}); }}\n")
    assert verdict.name == "refuted"


@pytest.mark.parametrize(("lines", "operands", "options", "messages"), UNSAFE[:-2])
def test_repair_writes_the_statement_with_all_that_it_does_declared(
    tmp_path, capsys, lines, operands, options, messages
):
    path, repaired = tmp_path / "f.c", tmp_path / "repaired.c"
    path.write_text(statement(lines, operands))
    named = [word for name, value in options.items() for word in (f"--{name}", value)]
    assert run(["repair", str(path), *named, "-o", str(repaired)]) == 0
    printed = capsys.readouterr().out
    assert "declared now:" in printed
    assert f"wrote {repaired}" in printed
    assert run(["verify", str(repaired), *named]) == 0
    if shutil.which("gcc"):
        subprocess.run(["gcc", "-c", "-O2", "-w", repaired, "-o", tmp_path / "f.o"], check=True)


def test_an_unsafe_file_is_neither_emitted_nor_proved(tmp_path, capsys):
    path = tmp_path / "f.c"
    path.write_text(statement(LOADED, ': : "r"(p) : "eax", "ecx", "memory"'))
    assert run(["verify", str(path)]) == 1
    printed = capsys.readouterr().out
    assert "unsafe: 1 fault in what the asm statement declares to the compiler" in printed
    assert f"{path}:5: unsafe: `mov %%eax, %%edx` writes edx" in printed
    assert run(["emit", str(path), "--to", "c"]) != 0
    assert "nothing written" in (said := capsys.readouterr().err)
    assert "unsafe: 1 fault" in said
    assert verify_file(path).judgement.verdict.name == "unsafe"


def test_repair_changes_conditions_inside_the_statement_and_declares_the_rest(tmp_path, capsys):
    path = tmp_path / "f.c"
    text = statement(LOADED, ': : "r"(p) : "eax", "ecx"', keys="unsigned *p")
    text = text.replace("cmovg %%ecx", "cmovgl %%ecx")
    path.write_text("// \\\n a comment\n" + text)
    assert run(["repair", str(path), "--in-place"]) == 0
    assert 'add "edx" to the clobbers' in capsys.readouterr().out
    new = text.replace("cmovg", "cmova").replace('"ecx"', '"ecx", "edx", "memory"')
    assert path.read_text().split() == ["//", "\\", "a", "comment", *new.split()]
    assert run(["verify", str(path)]) == 0


def test_repair_that_adds_instructions_writes_them_into_the_statement(tmp_path):
    path, repaired = tmp_path / "f.c", tmp_path / "repaired.c"
    path.write_text(statement(LOADED[:5] + LOADED[6:], BUFFER))
    assert run(["repair", str(path), "-o", str(repaired)]) == 0
    assert run(["repair", str(path), "--in-place"]) == 0
    assert path.read_text() == repaired.read_text()
    assert run(["verify", str(path)]) == 0


def test_repair_writes_a_statement_that_is_right_as_it_is(tmp_path):
    path, repaired = tmp_path / "f.c", tmp_path / "repaired.c"
    path.write_text(statement(LOADED, BUFFER))
    assert run(["repair", str(path), "-o", str(repaired)]) == 0
    assert repaired.read_text() == path.read_text()


def test_repair_of_a_statement_in_a_syntax_of_its_own_writes_a_kernel(tmp_path, capsys):
    path = tmp_path / "f.c"
    syntax = (".intel_syntax noprefix", ".att_syntax prefix")
    path.write_text(statement((*syntax, *LOADED[:5], *LOADED[6:]), BUFFER))
    assert run(["repair", str(path), "--in-place"]) == 2
    assert "holds more than a kernel, which would be lost" in capsys.readouterr().err
    assert run(["repair", str(path)]) == 0
    assert "; inputs:" in capsys.readouterr().out


def test_operands_that_options_number_are_not_numbered_anew(tmp_path, capsys):
    path = tmp_path / "f.c"
    path.write_text(statement(HELD, ': "+r"(a) : "r"(x), "r"(b), "r"(t)'))
    named = ["--inputs", "%0 %1", "--outputs", "%0 %1"]
    path.write_text(path.read_text().replace("%2", "%3"))
    assert run(["repair", str(path), *named]) in (0, 2)
    told = capsys.readouterr()
    assert "which is an input only" in told.err or '"+r"(x)' in told.out


def test_a_file_that_is_read_again_has_its_places():
    text = statement(APART, ': "=r"(x), "=&r"(y) : "r"(a), "r"(b)')
    first, second = (judged(text, **APART_KEYS)[1] for _ in range(2))
    assert first.breaches == second.breaches
    assert "`mov %2, %0`" in second.breaches[0].message
