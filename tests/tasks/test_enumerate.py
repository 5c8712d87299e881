"""Lists of kernels: each proved, reduced to classes, written whole or not at all."""

import random

import pytest
from engines import SILENT_OVERFLOW, program, question

import sortopt
from sortopt.base.errors import Disagreement, InputError
from sortopt.model.dataflow import commute
from sortopt.model.kernel import Instr, build
from sortopt.search.optima.counting import optima
from sortopt.targets import X86_CMOV
from sortopt.tasks import enumerate as listing
from sortopt.tasks.enumerate import (
    checked,
    class_of,
    normal_form,
    write,
)

pytestmark = pytest.mark.filterwarnings(SILENT_OVERFLOW)


def kernels_of(problem, length):
    return list(optima(problem, length).kernels())


def word(*instructions):
    return [(X86_CMOV.form(mnemonic), tuple(cells)) for mnemonic, *cells in instructions]


def instr(mnemonic, *cells):
    return Instr(X86_CMOV.form(mnemonic), cells)


@pytest.mark.jit_off
def test_normal_form_is_that_of_every_order_of_independent_instructions():
    plain = word(("mov", 3, 0), ("cmp", 0, 1), ("mov", 4, 2), ("cmovl", 0, 1), ("cmovl", 2, 3))
    form, draw, seen = normal_form(plain), random.Random(7), set()
    now = list(plain)
    for _ in range(300):
        k = draw.randrange(len(now) - 1)
        if commute(Instr(*now[k]), Instr(*now[k + 1])):
            now[k], now[k + 1] = now[k + 1], now[k]
        assert normal_form(now) == form
        seen.add(tuple((f.mnemonic, *cells) for f, cells in now))
    assert len(seen) > 5
    assert normal_form([*plain[:4], plain[4], plain[1]]) != form
    assert normal_form(plain[::-1]) != form


@pytest.mark.jit_off
def test_normal_form_is_an_order_of_the_instructions_that_keeps_dependences():
    plain = word(("mov", 3, 2), ("cmp", 0, 1), ("cmovl", 0, 1), ("mov", 1, 0), ("mov", 0, 3))
    form = normal_form(plain)
    assert sorted(form) == sorted((f.mnemonic, cells) for f, cells in plain)
    place = {step: k for k, step in enumerate(form)}
    for i, (f, cells) in enumerate(plain):
        for g, others in plain[i + 1 :]:
            if not commute(Instr(f, cells), Instr(g, others)):
                assert place[f.mnemonic, cells] < place[g.mnemonic, others]


@pytest.mark.jit_off
def test_classes_of_two_keys_are_those_of_renaming_and_reordering():
    """Eight kernels with l and g; brute force merges those that renaming or a swap relates."""
    problem = question(2)
    kernels = kernels_of(problem, 4)
    words = [program(kernel, X86_CMOV.registers) for kernel in kernels]
    same = {word: {word} for word in words}
    exchange = {"cmovl": "cmovg", "cmovg": "cmovl"}
    for one in words:
        swap = {0: 1, 1: 0, 2: 2}
        renamed = tuple(
            (m, d, s) if m == "cmp" else (exchange.get(m, m), swap[d], swap[s]) for m, d, s in one
        )
        neighbours = [renamed] + [
            (*one[:k], one[k + 1], one[k], *one[k + 2 :])
            for k in range(3)
            if commute(instr(*one[k]), instr(*one[k + 1]))
        ]
        for other in neighbours:
            if other in same:
                merged = same[one] | same[other]
                for each in merged:
                    same[each] = merged
    expected = {frozenset(group) for group in same.values()}
    found = {}
    for kernel, one in zip(kernels, words, strict=True):
        found.setdefault(class_of(kernel, problem), set()).add(one)
    assert {frozenset(group) for group in found.values()} == expected


def test_classes_under_a_precondition_rename_no_inputs():
    problem = question(2, assume="a>=b")
    kernels = kernels_of(problem, 3)
    assert len({class_of(kernel, problem) for kernel in kernels}) == len(
        {normal_form([(i.form, i.operands) for i in kernel.instructions]) for kernel in kernels}
    )


def test_every_listed_kernel_parses_back_and_verifies():
    for problem, length in ((question(2, "l,g,le,ge"), 4), (question(3, assume="b<c"), 7),
                            (question(2, minmax=True), 3), (question(2, distinct=True), 4),
                            (question(3, goal="min"), 4)):  # fmt: skip
        kernels = list(checked(kernels_of(problem, length)))
        assert kernels
        for kernel in kernels[:40]:
            text = listing.print_kernel(kernel)
            again = sortopt.parse(text)
            assert listing.print_kernel(again) == text
            assert sortopt.verify(again).verdict.name == "proved"


def broken():
    return build(X86_CMOV, [], inputs=["eax", "ecx"], outputs=["eax", "ecx"])


def test_a_kernel_that_fails_is_not_listed():
    good = kernels_of(question(2), 4)[0]
    found = checked([good, broken()])
    assert next(found) == good
    with pytest.raises(Disagreement, match="the search listed a kernel that fails"):
        next(found)


def test_a_file_holds_all_kernels_in_sequence(tmp_path):
    kernels = kernels_of(question(2), 4)
    path = tmp_path / "all.asm"
    assert write(str(path), kernels) == 8
    parts = path.read_text().split("; sort2")[1:]
    assert [sortopt.parse("; sort2" + part) for part in parts] == [
        sortopt.parse(listing.print_kernel(kernel)) for kernel in kernels
    ]
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_holds_a_file_for_each_kernel(tmp_path):
    kernels = kernels_of(question(2), 4)
    folder = tmp_path / "new" / "folder"
    assert write(f"{folder}/", kernels) == 8
    files = sorted(folder.iterdir())
    assert [f.name for f in files] == [f"kernel-{k:06}.asm" for k in range(1, 9)]
    assert [f.read_text() for f in files] == [listing.print_kernel(k) for k in kernels]
    assert write(str(tmp_path / "new"), kernels[:2]) == 2


def test_nothing_is_overwritten_unless_forced(tmp_path):
    path, folder = tmp_path / "all.asm", tmp_path / "folder"
    path.write_text("mine")
    folder.mkdir()
    (folder / "kernel-000001.asm").write_text("mine")
    kernels = kernels_of(question(2), 4)
    with pytest.raises(InputError, match=r"all\.asm exists; choose another name"):
        listing.check_target(str(path), force=False)
    with pytest.raises(InputError, match="is not empty; choose a new folder, or use --force"):
        listing.check_target(str(folder), force=False)
    with pytest.raises(InputError, match="exists"):
        write(str(path), kernels)
    with pytest.raises(InputError, match="exists"):
        write(str(folder), kernels)
    assert path.read_text() == (folder / "kernel-000001.asm").read_text() == "mine"
    for target in (path, folder):
        listing.check_target(str(target), force=True)
        assert write(str(target), kernels, force=True) == 8


def test_an_interrupted_list_leaves_the_file_untouched_and_what_was_found_beside_it(tmp_path):
    kernels, path = kernels_of(question(2), 4), tmp_path / "all.asm"
    path.write_text("mine")

    def interrupted():
        yield from kernels[:3]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(str(path), interrupted(), force=True)
    assert path.read_text() == "mine"
    (kept,) = tmp_path.glob("all.asm.*.partial")
    assert kept.read_text().count("; sort2") == 3


def test_what_cannot_be_written_is_told_before_the_work(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="there is no folder"):
        listing.check_target(str(tmp_path / "nowhere" / "all.asm"), force=False)
    with pytest.raises(InputError, match="cannot make the folder"):
        write(str(tmp_path / "file" / "folder") + "/", kernels_of(question(2), 4))
