"""Errors print themselves: place, message, hint, the line and a caret."""

import pytest

from sortopt.base.errors import (
    Disagreement,
    ExitCode,
    InputError,
    KernelError,
    LimitReached,
    SortoptError,
    Source,
    Span,
)

TEXT = "mov eax, ecx\ncmovz eax, 5\n"


def test_render_names_the_place_and_points_at_it():
    error = InputError(
        "no immediates", hint="use a register", source=Source("a.asm", TEXT), span=Span(2, 12)
    )
    assert error.render() == (
        "a.asm:2:12: error: no immediates; use a register\n"
        "    cmovz eax, 5\n"
        "               ^"
    )  # fmt: skip


def test_render_without_a_place_is_one_line():
    assert InputError("no file").render() == "error: no file"
    assert str(InputError("no file", hint="name one")) == "error: no file; name one"


def test_render_without_a_span_names_the_source_only():
    assert InputError("empty", source=Source("a.asm", "")).render() == "a.asm: error: empty"


def test_caret_covers_the_span_and_stays_within_the_line():
    def caret(span):
        error = InputError("x", source=Source("f", "abcdef"), span=span)
        return error.render().splitlines()[-1].removeprefix("    ")

    assert caret(Span(1, 2, 3)) == " ^^^"
    assert caret(Span(1, 5, 40)) == "    ^^"
    assert caret(Span(1, 7)) == "      ^"


def test_caret_points_at_the_same_text_in_a_long_line():
    line = "x" * 500 + "BAD" + "y" * 500
    error = InputError("x", source=Source("f", line), span=Span(1, 501, 3))
    _, quote, caret = error.render().splitlines()
    assert quote[caret.index("^") : caret.rindex("^") + 1] == "BAD"
    assert len(quote) <= 104


def test_control_characters_do_not_reach_the_terminal():
    error = InputError("x", source=Source("f", "a\x1b[31m\tb"), span=Span(1, 8))
    assert error.render().splitlines()[1] == "    a [31m b"


def test_a_line_beyond_the_text_is_empty():
    source = Source("f", "one\ntwo")
    assert [source.line(number) for number in range(4)] == ["", "one", "two", ""]


def test_at_fills_in_a_place_only_where_there_is_none():
    near, far = Source("near", "x"), Source("far", "y")
    error = InputError("x", source=near)
    assert error.at(far, Span(1, 1)) is error
    assert (error.source, error.span) == (near, Span(1, 1))
    assert error.at(far, Span(2, 2)).span == Span(1, 1)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError("x"), 2),
        (KernelError("x", instruction=1, cell=2), 2),
        (LimitReached("x"), 3),
        (Disagreement("x"), 70),
    ],
)
def test_each_error_knows_its_exit_code(error, code):
    assert isinstance(error, SortoptError)
    assert error.exit_code == code


def test_exit_codes_are_the_documented_ones():
    assert (ExitCode.DONE, ExitCode.REFUTED, ExitCode.BAD_INPUT, ExitCode.UNKNOWN) == (0, 1, 2, 3)
