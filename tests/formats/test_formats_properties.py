"""Properties of reading and writing kernel files."""

import re

from hypothesis import given
from hypothesis import strategies as st
from kernels_by_hand import ALPHADEV3, ALPHADEV4, MINMAX3
from strategies import contracts_of_all_kinds, kernels

from sortopt.base.errors import SortoptError
from sortopt.formats import DIALECTS, KernelFile, by_name, parse, print_kernel
from sortopt.model import Rung
from sortopt.networks import best, lower
from sortopt.targets import ISAS


def dialects_of(kernel):
    """Return the dialects that can write `kernel`."""
    return [name for name in DIALECTS if by_name(name).machine is kernel.isa.machine]


def in_a_dialect(kernels, *more):
    """Draw a kernel and a dialect of its machine."""
    return kernels.flatmap(
        lambda kernel: st.tuples(st.just(kernel), st.sampled_from(dialects_of(kernel)), *more)
    )


TITLES = st.text(st.characters(codec="utf-8"), max_size=30).filter(lambda text: ":" not in text)


@given(in_a_dialect(contracts_of_all_kinds()), st.sampled_from(Rung))
def test_print_then_parse_is_identity(drawn, keep):
    kernel, dialect = drawn[0].keeping(keep), drawn[1]
    text = print_kernel(kernel, dialect)
    assert parse(text, dialect=dialect).kernel == kernel


@given(in_a_dialect(kernels()))
def test_print_then_parse_is_identity_on_kernels_without_scratch_or_instructions(drawn):
    kernel, dialect = drawn
    assert parse(print_kernel(kernel, dialect), dialect=dialect).kernel == kernel


@given(in_a_dialect(contracts_of_all_kinds()))
def test_the_dialect_of_printed_text_is_detected(drawn):
    kernel, dialect = drawn
    file = parse(print_kernel(kernel, dialect))
    assert (file.dialect, file.kernel) == (dialect, kernel)


@given(contracts_of_all_kinds(), st.data())
def test_translation_through_another_dialect_loses_nothing(kernel, data):
    dialect, other = (data.draw(st.sampled_from(dialects_of(kernel))) for _ in range(2))
    once = parse(print_kernel(kernel, other)).kernel
    assert print_kernel(once, dialect) == print_kernel(kernel, dialect)


@given(in_a_dialect(kernels()), TITLES, st.sampled_from([None, "proved", "refuted"]), TITLES)
def test_title_expectation_and_source_are_read_back(drawn, title, expect, source):
    kernel, dialect = drawn
    text = print_kernel(kernel, dialect, title=title, expect=expect, source=source)
    file = parse(text)
    words = " ".join(title.split()).lstrip(";#/ ")
    assert file.title == words or not words
    assert file.expect == expect
    assert file.source == (" ".join(source.split()) or None)


@given(in_a_dialect(contracts_of_all_kinds()), st.randoms(use_true_random=False))
def test_case_blanks_and_line_endings_do_not_matter(drawn, random):
    kernel, dialect = drawn
    text = print_kernel(kernel, dialect)
    header, body = re.match(r"((?:[;#/].*\n)*)(.*)", text, re.S).groups()
    shouted = body.upper() if random.random() < 0.5 else body
    spaced = re.sub(" ", lambda _: random.choice([" ", "\t", "   "]), shouted)
    assert parse("\ufeff" + (header + spaced).replace("\n", "\r\n")).kernel == kernel


def read_or_refuse(text, **options):
    """Return the file, or the error that a user may see; any other exception passes."""
    try:
        return parse(text, **options)
    except SortoptError as error:
        return error


SEEDS = [
    print_kernel(kernel, dialect, expect="proved", source="by hand")
    for kernel in (ALPHADEV3, ALPHADEV4, MINMAX3, *(lower(best(3), isa) for isa in ISAS.values()))
    for dialect in dialects_of(kernel)
]
PIECES = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=3),
    st.sampled_from(
        [
            ";", "#", "//", ",", "%", "$", "(", "[", "=", ":", "\n", "\t", "  ", "0", "99", "eax",
            "rax", "%al", "xmm1", "cmp", "movl", "cmova", "assume:", "goal: kth:9", "cells: 1=a",
            "merge:1,2", "b < c", "isa: x86-cmov", "w1", "x0", "[x0, #4]", "ldp", "csel", ".4s",
            "q0", "a0", "4(a0)", "mv", "lw", "\x0c", "\u2028", "\ufeff", "\0",
        ]
    ),
)  # fmt: skip


@st.composite
def mutated_files(draw):
    """Draw the text of a good kernel file with up to six cuts and insertions."""
    text = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 8)))
        text = text[:start] + draw(PIECES) + text[end:]
    return text


@given(mutated_files(), st.sampled_from([None, *DIALECTS]))
def test_a_mutated_file_is_read_or_refused_with_one_message(text, dialect):
    file = read_or_refuse(text, dialect=dialect)
    if isinstance(file, SortoptError):
        first = file.render().splitlines()[0]
        assert first.startswith("<text>:")
        assert ": error: " in first
        assert file.span is None or 1 <= file.span.line <= len(text.splitlines())
    else:
        assert parse(print_kernel(file.kernel)).kernel == file.kernel


@given(st.text(st.characters(codec="utf-8"), max_size=60), st.sampled_from([None, *DIALECTS]))
def test_no_text_is_answered_by_another_error(text, dialect):
    refused = read_or_refuse(
        text, dialect=dialect, inputs=text, outputs=text, assume=text, goal=text
    )
    assert isinstance(refused, SortoptError)


@given(kernels(), st.text(max_size=40), st.sampled_from(["inputs", "outputs", "assume", "goal"]))
def test_no_option_is_answered_by_another_error(kernel, value, option):
    file = read_or_refuse(print_kernel(kernel), **{option: value})
    assert isinstance(file, KernelFile) or option.rstrip("s") in file.render()
