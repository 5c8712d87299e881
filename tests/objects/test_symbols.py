"""A function is called by its symbol, or by what the symbol stands for in its source."""

import ctypes

import pytest

from sortopt.base.errors import InputError
from sortopt.objects import symbols
from sortopt.objects.symbols import Symbol, choose, demangled, names_of


@pytest.mark.parametrize(
    ("symbol", "names"),
    [
        ("_Z5sort3Pi", {"sort3(int*)", "sort3"}),
        ("_ZL5sort3Pi", {"sort3(int*)", "sort3"}),
        ("_Z15sort3OtherStuffPi", {"sort3OtherStuff(int*)", "sort3OtherStuff"}),
        ("_ZN2ns5sort3EPj", {"ns::sort3(unsigned int*)", "ns::sort3", "sort3"}),
        ("_ZN12_GLOBAL__N_15sort3EPi",
         {"(anonymous namespace)::sort3(int*)", "(anonymous namespace)::sort3", "sort3"}),
        ("_Z5sort3IiEvPT_",
         {"void sort3<int>(int*)", "sort3<int>(int*)", "sort3<int>", "sort3"}),
        ("_ZNK3FooIiE4sortEPi",
         {"Foo<int>::sort(int*) const", "Foo<int>::sort", "Foo::sort", "sort"}),
        ("_Z5sort3Pi.cold", {"sort3(int*) [clone .cold]"}),
        ("_ZN5crate5sort317h0123456789abcdefE", {"crate::sort3", "sort3"}),
        ("_RNvCs1234_5crate5sort3", {"crate::sort3", "sort3"}),
        ("_RNvNtCs1234_5crate3mod8my5sort3", {"crate::mod::my5sort3", "my5sort3"}),
        ("?sort3@ns@@YAXPEAH@Z", {"ns::sort3", "sort3"}),
        ("sort3(int*)", {"sort3(int*)", "sort3"}),
        ("sort3", set()),
        ("_Zbroken", set()),
        ("_R", set()),
        ("_RNv", set()),
        ("_RNvC99x", set()),
        ("_Z" + "5sort3" * 200, set()),
        ("_Z1f" + "S_" * 30, set()),
    ],
)  # fmt: skip
def test_a_symbol_has_whole_names_and_a_base_name(symbol, names):
    assert names_of(symbol) == names


def functions(*names):
    return [Symbol(name, 1, at, 0, "STT_FUNC", False) for at, name in enumerate(names)]


MANY = functions("_Z15sort3OtherStuffPi", "_ZN1a5sort4EPi", "_ZN1b5sort4EPi", "sort5", "_Z5sort5v")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("sort3OtherStuff", 0), ("_ZN1a5sort4EPi", 1), ("b::sort4", 2), ("a::sort4(int*)", 1),
     ("sort5", 3), ("sort5()", 4)],
)  # fmt: skip
def test_a_whole_name_finds_its_function(wanted, found):
    assert choose(MANY, wanted, "x.o") is MANY[found]


@pytest.mark.parametrize("wanted", ["sort3", "Sort4", "ort4", "sort4Pi", "5sort4", "c::sort4", ""])
def test_a_part_of_a_name_finds_nothing(wanted):
    with pytest.raises(InputError, match=r"x\.o holds no function"):
        choose(MANY, wanted, "x.o")


def test_several_functions_of_one_name_are_listed():
    with pytest.raises(InputError) as caught:
        choose(MANY, "sort4", "x.o")
    told = caught.value.render()
    assert "'sort4' may be _ZN1a5sort4EPi (a::sort4(int*)), _ZN1b5sort4EPi (b::sort4(int*))" in told


@pytest.mark.parametrize("wanted", [None, "f"])
def test_functions_with_one_and_the_same_name_cannot_be_told_apart_by_it(wanted):
    twice = [Symbol("f", 1, start, 0, "STT_FUNC", True) for start in (0, 16)]
    with pytest.raises(InputError) as caught:
        choose(twice, wanted, "x.o")
    assert "x.o holds 2 functions called f; hand in a file with" in caught.value.render()


def test_two_names_of_one_place_are_one_function():
    alias = [Symbol(name, 1, 16, 0, "STT_FUNC", False) for name in ("b", "a")]
    assert choose(alias, None, "x.o").name == "a"
    assert choose(alias, "b", "x.o").name == "b"


def test_without_a_library_that_knows_c_plus_plus_symbols_are_named_in_full(monkeypatch):
    def missing(name):
        raise OSError

    symbols._library.cache_clear()
    symbols._itanium.cache_clear()
    monkeypatch.setattr(ctypes, "CDLL", missing)
    assert demangled("_Z5sort3Pi") is None
    assert choose(functions("_Z5sort3Pi"), "_Z5sort3Pi", "x.o").name == "_Z5sort3Pi"
    symbols._library.cache_clear()
    symbols._itanium.cache_clear()
