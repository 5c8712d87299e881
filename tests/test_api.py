"""What `import sortopt` gives: real functions with signatures, under the names of the commands."""

import ast
import inspect
import pydoc
import re
import subprocess
import sys
from importlib import import_module
from itertools import islice
from pathlib import Path

import pytest
from kernels_by_hand import ALPHADEV3, FAILS_ON_TIES, SORT2
from places import KERNELS

import sortopt
from sortopt import api, doors
from sortopt.base.errors import InputError, LimitReached
from sortopt.cli import app
from sortopt.formats import print_kernel
from sortopt.model.verdict import Proved
from sortopt.objects import Reading

FUNCTIONS = [name for name in sortopt.__all__ if inspect.isfunction(getattr(sortopt, name))]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_says_what_it_takes_and_does(name):
    function = getattr(sortopt, name)
    assert function is getattr(api, name)
    assert inspect.isfunction(function)
    assert len(inspect.getdoc(function).splitlines()) > 1
    for parameter in inspect.signature(function).parameters.values():
        assert parameter.annotation is not parameter.empty


@pytest.mark.parametrize("first", ["api", "verify", "search.space", "optimize"])
def test_every_function_is_offered_by_name_in_every_order_of_imports(first):
    code = (
        f"import sortopt.{first}, sortopt\n"
        f"for name in {FUNCTIONS}: assert getattr(sortopt, name) is getattr(sortopt.api, name)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_parse_reads_every_dialect():
    intel = sortopt.parse("mov edx, eax", inputs="eax ecx", outputs="eax edx")
    att = sortopt.parse("movl %eax, %edx", inputs="%eax %ecx", outputs="%eax %edx")
    assert intel == att


def test_parse_names_the_fault():
    with pytest.raises(InputError, match="unknown mnemonic 'mvo'"):
        sortopt.parse("mvo edx, eax", inputs="eax", outputs="edx")


def test_load_reads_a_file_of_any_kind(tmp_path):
    path = tmp_path / "sort2.asm"
    path.write_text(print_kernel(SORT2))
    assert sortopt.load(path) == SORT2
    assert str(sortopt.load(path, assume="a<b").contract.assume) == "a < b"
    assert str(sortopt.load(path, Reading(assume="a<=b")).contract.assume) == "a <= b"
    with pytest.raises(TypeError):
        sortopt.load(path, asume="a<b")


def test_repair_gives_back_a_proved_kernel():
    found = sortopt.repair(FAILS_ON_TIES)
    assert (found.added, found.judgement.verdict) == (0, Proved())
    assert (
        sortopt.verify(sortopt.repair(SORT2, key="uint32").kernel, key="uint32").verdict == Proved()
    )
    with pytest.raises(LimitReached):
        sortopt.repair(FAILS_ON_TIES, time_limit=1e-9)


def test_time_limits_are_seconds_above_zero():
    assert sortopt.verify(ALPHADEV3, time_limit=1e-9).verdict.name == "unknown"
    with pytest.raises(LimitReached):
        sortopt.counterexample(ALPHADEV3, time_limit=1e-9)
    with pytest.raises(InputError, match="above zero"):
        sortopt.verify(ALPHADEV3, time_limit=0)


def test_a_network_becomes_a_kernel():
    found = sortopt.network(4)
    assert (found.network.size, found.verdict) == (5, Proved())
    assert sortopt.verify(found.lower("x86-minmax", unsigned=True)).verdict == Proved()
    assert found.lower(from_memory=True).memory_moves == 8
    with pytest.raises(InputError, match="does not sort"):
        sortopt.network("0:1, 1:2").lower()


def test_a_library_is_chosen_and_written():
    library = sortopt.sort_library("2,3", KERNELS / "alphadev", name="small")
    assert "small_3" in library.text
    assert [entry.n for entry in library.chosen] == [2, 3]


def test_an_unknown_cost_is_named():
    with pytest.raises(InputError, match="unknown cost 'size'; use length or latency"):
        sortopt.optimize(SORT2, cost="size")


def test_a_door_hands_on_what_it_says():
    for node in ast.walk(ast.parse(Path(doors.__file__).read_text())):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("sortopt."):
            for alias in node.names:
                found = getattr(import_module(node.module), alias.name)
                assert getattr(api, alias.asname) is found, alias.name


def test_a_name_that_nothing_hands_on_is_refused():
    with pytest.raises(AttributeError, match="sortt"):
        _ = api.sortt


def test_every_command_has_its_function():
    installation = app.GROUPS["This installation"]
    commands = {name.replace("-", "_") for name in app.COMMANDS if name not in installation}
    assert commands <= set(FUNCTIONS)


def test_types_and_errors_come_from_the_top():
    types = {name for name in sortopt.__all__ if isinstance(getattr(sortopt, name), type)}
    assert types | {*FUNCTIONS, "__version__"} == set(sortopt.__all__)
    assert {"Kernel", "Answer", "Judgement", "InputError"} <= types
    assert isinstance(sortopt.search(2), sortopt.Answer)
    with pytest.raises(AttributeError, match="sortopt has no 'serach'"):
        _ = sortopt.serach


def test_help_of_a_function_shows_its_options():
    shown = pydoc.plain(pydoc.render_doc(sortopt.search))
    assert "time_limit: 'float | None' = None" in shown
    assert "Find a shortest kernel" in shown


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: sortopt.verify("mov eax, ecx"), "verify: kernel must be a Kernel, not str"),
        (lambda: sortopt.verify("mov"), "; sortopt.parse(text) and sortopt.load(path) make one"),
        (lambda: sortopt.search("3"), "search: n must be a whole number, not str"),
        (lambda: sortopt.search(True), "search: n must be a whole number, not bool"),
        (lambda: sortopt.search(3, conditions="l,g"), "must be a list or tuple or None, not str"),
        (lambda: sortopt.verify(SORT2, time_limit="5"), "must be a number or None, not str"),
        (lambda: sortopt.bench([SORT2]), "bench: kernels must be a dict, not list"),
        (lambda: sortopt.rank(SORT2), "rank: kernels must be a list or tuple, not Kernel"),
        (lambda: sortopt.load(3), "load: path must be a text or a path, not int"),
        (lambda: sortopt.load("x.asm", inputs=["eax"]), "inputs must be a text or None, not list"),
        (lambda: sortopt.load("x.asm", dialect=1), "dialect must be a text or None, not int"),
        (lambda: sortopt.network(2.5), "must be a whole number or a text, not float"),
    ],
)
def test_a_wrong_type_is_named_in_words(call, said):
    with pytest.raises(TypeError, match=re.escape(said)):
        call()


def test_all_shortest_kernels_come_as_they_are_asked_for():
    answer = sortopt.search(3, distinct=True, conditions=("l", "g"), count=True)
    assert len(list(islice(answer.optima(), 3))) == 3
    with pytest.raises(InputError, match="not counted"):
        next(sortopt.search(2).optima())
