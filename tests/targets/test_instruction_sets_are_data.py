"""Outside `targets` no code asks which instruction set it has, or spells an instruction of one.

Read off the syntax trees: docstrings may, and sentences for people may give an example.
"""

import ast
import re

import pytest
from places import ROOT

from sortopt import targets
from sortopt.model import Isa, Machine
from sortopt.targets import ISAS, MACHINES

PACKAGE = ROOT / "sortopt"

EXCEPTIONS = {
    "base/arguments": {"str"},
    "emit/reserved": None,
    "formats/att": {"4(%rdi)"},
    "formats/memory": {"4(%rdi)", "[rdi+4]", "sp"},
    "model/goal": {"min", "max"},
    "objects/aarch64_effects": None,
    "objects/aarch64_turns": None,
    "objects/c_types": {"s8", "s16"},
    "objects/notations": {r"\b0[0-9]+\b"},
    "objects/shape": {"sp"},
    "objects/riscv_effects": None,
    "objects/riscv_floats": None,
    "objects/x86_effects": None,
    "verify/claim": None,
}
"""Strings allowed in a module, None for any: a type of Python; words that languages reserve;
examples of memory operands that messages show; the stack pointer, which is no base; two goals;
types of C; a number; what compilers put around kernels (moves, shuffles, the stack), a table for
each decoder; and a claim from the internet, which is a kernel as text."""

NAMES = {name for name in targets.__all__ if isinstance(getattr(targets, name), Isa | Machine)}
MNEMONICS = {word for isa in ISAS.values() for word in (*isa.forms, *isa.spellings)}
STEMS = {
    form.mnemonic.removesuffix(form.condition.name)
    for isa in ISAS.values()
    for form in isa.forms.values()
    if form.condition
}
REGISTERS = {name for machine in MACHINES.values() for name in machine.registers}
VECTORS = {name.rstrip("0123456789") for name in REGISTERS if re.fullmatch(r"[a-z]{3}\d+", name)}
SPELLED = MNEMONICS | STEMS | REGISTERS | VECTORS


def test_what_is_looked_for():
    """The words come from the tables; these must be among them."""
    assert {"mov", "movdqa", "cmovnge", "pminud", "cmov", "eax", "xmm7", "xmm", "r8d"} <= SPELLED
    assert {"csel", "csello", "w0", "v31", "mv", "minu", "a0", "lw", "vpminsq"} <= SPELLED


def is_of_a_set(node):
    """Return whether `node` is an instruction set, a machine, or the name of one."""
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return any(map(is_of_a_set, node.elts))
    text = ast.unparse(node)
    return text in NAMES or re.search(r"(\b|_)(isa|ISA|machine|X86\w*)\.name$", text) is not None


def spells(text):
    """Return whether a string is, or begins as, an instruction or a register.

    A string without a blank is a name or a pattern of names, or an option of a command; one with
    blanks is a sentence, or assembly where it begins with a mnemonic or a template of a register.
    """
    if text.startswith("--"):
        return False
    words = re.findall(r"[a-z]\w*", text.strip().lower())
    if not re.search(r"\s", text.strip()):
        return any(word in SPELLED for word in words)
    return re.match(r"[a-z]\w*", text.strip()) is not None and words[0] in MNEMONICS


def faults(source, allowed=frozenset()):
    """Yield the lines of `source` that test for a set's name, or spell an instruction."""
    tree = ast.parse(source)
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and any(map(is_of_a_set, [node.left, *node.comparators])):
            yield f"{node.lineno}: {ast.unparse(node)}"
        elif isinstance(node, ast.MatchValue) and is_of_a_set(node.value):
            yield f"{node.lineno}: case {ast.unparse(node)}"
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings
            and spells(node.value)
            and node.value not in allowed
        ):
            yield f"{node.lineno}: {node.value!r}"


MODULES = {
    path.relative_to(PACKAGE).with_suffix("").as_posix(): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
READ = [name for name in MODULES if not name.startswith("targets/")]


@pytest.mark.parametrize("name", READ)
def test_no_code_outside_targets_knows_a_set_by_name_or_spelling(name):
    allowed = EXCEPTIONS.get(name, frozenset())
    if allowed is not None:
        assert list(faults(MODULES[name].read_text(), allowed)) == []


@pytest.mark.parametrize(
    "line",
    [
        "if kernel.isa is X86_CMOV: pass",
        "a = isa not in (X86_CMOV, X86_MINMAX)",
        "a = problem.isa.name == 'anything'",
        "a = kernel.isa.machine.name != x",
        "match isa:\n    case targets.X86_CMOV.name: pass",
        "vector = isa.registers[0].startswith('xmm')",
        "form = isa.form('cmov' + name)",
        "form = isa.form(f'cmov{name}')",
        "op = 'movd' if vector else 'mov'",
        "slot = '{size} ptr'; base = 'rdi'",
        "text = '%eax'",
        "text = '    mov    eax, {}'",
        "pattern = r'(mov|cmp)[lq]?'",
    ],
)
def test_a_line_that_knows_a_set_is_found(line):
    assert list(faults(line)) != []


@pytest.mark.parametrize(
    "line",
    [
        '"""cmovl eax, ecx; mov"""',
        "raise InputError('write for example: cmp 1 2')",
        "lower(best(n), X86_CMOV)",
        "if kernel.isa.place is Place.VECTOR: pass",
        "if earlier.isa is not later.isa: pass",
        "if goal.name == 'sort': pass",
        "remove = 'comparator'",
    ],
)
def test_a_line_that_does_not_is_not(line):
    assert list(faults(line)) == []


def test_exempt_modules_are_there():
    for name in EXCEPTIONS:
        assert (PACKAGE / name).is_dir() or name in MODULES
