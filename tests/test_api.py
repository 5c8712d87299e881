"""What `import sortopt` gives: real functions with signatures, under the names of the commands."""

import ast
import copy
import inspect
import pickle
import pydoc
import re
import subprocess
import sys
from importlib import import_module
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from kernels_by_hand import ALPHADEV3, FAILS_ON_TIES, SORT2
from places import KERNELS

import sortopt
from sortopt import api, doors
from sortopt.base.budget import Budget
from sortopt.base.errors import InputError, LimitReached
from sortopt.cli import app
from sortopt.formats import print_kernel
from sortopt.model.verdict import Proved
from sortopt.objects import Reading
from sortopt.targets import ISAS

FUNCTIONS = [name for name in sortopt.__all__ if inspect.isfunction(getattr(sortopt, name))]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_says_what_it_takes_and_does(name):
    function = getattr(sortopt, name)
    assert function is getattr(api, name)
    assert inspect.isfunction(function)
    assert len(inspect.getdoc(function).splitlines()) > 1
    assert ">>> " in inspect.getdoc(function) or name == "certify"  # which needs a file made before
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
    assert dir(sortopt) == sorted(sortopt.__all__)
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
        (lambda: sortopt.network(3, least=1), "least must be 'size' or 'depth', not int"),
        (lambda: sortopt.show(SORT2, [1, "a"]), "inputs[1] must be a whole number, not str"),
        (lambda: sortopt.search(3, conditions=b"lg"), "must be a list or tuple or None, not bytes"),
        (lambda: sortopt.rank([None]), "kernels[0] must be a Kernel, not NoneType"),
        (lambda: sortopt.bench({"a": 1}), "kernels['a'] must be a Kernel, not int"),
        (lambda: sortopt.bench({1: SORT2}), "a key of bench: kernels must be a text, not int"),
        (lambda: sortopt.emit(SORT2, "c", provenance=3), "must be a Provenance or None, not int"),
        (lambda: sortopt.report("mov"), "report: kernel must be a Kernel, not str"),
    ],
)
def test_a_wrong_type_is_named_in_words(call, said):
    with pytest.raises(TypeError, match=re.escape(said)):
        call()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: sortopt.network(3, least="dept"), "must be 'size' or 'depth', not 'dept'"),
        (lambda: sortopt.landscape(2, seed=-1), "seed must be from 0 to 4294967295, not -1"),
        (lambda: sortopt.landscape(2, drawn=10**30), "drawn must be from 0 to 10000000, not 10"),
        (lambda: sortopt.repair(SORT2, most_added=-1), "most_added must be from 0 to 100, not -1"),
        (lambda: sortopt.search(10**30), "keys cannot be sorted; use n from 2 to 8"),
        (lambda: sortopt.search(2, threads=10**30), "threads are too many; at most 1024"),
        (lambda: sortopt.search(2, memory_limit=float("nan")), "nan GiB is no memory limit"),
        (lambda: sortopt.search(2, memory_limit=float("inf")), "inf GiB is no memory limit"),
        (lambda: sortopt.search(2, memory_limit=-1), "-1 GiB is no memory limit"),
    ],
)
def test_a_number_out_of_all_proportion_is_refused(call, said):
    with pytest.raises(InputError, match=re.escape(said)):
        call()


def test_a_time_limit_beyond_all_clocks_is_none():
    assert Budget(1e30).left is None
    assert Budget(float("inf")).left is None


def test_numbers_of_numpy_are_numbers():
    answer = sortopt.search(np.int64(2), unsigned=np.bool_(True), seed=np.int32(0))
    assert (type(answer.problem.n), answer.length) == (int, 4)
    assert sortopt.show(SORT2, list(np.array([7, 5]))).outputs == (5, 7)


def pickled(value):
    return pickle.loads(pickle.dumps(value))


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, pickled])
def test_values_are_copied_and_pickled(again):
    answer = sortopt.search(2, count=True)
    failing = sortopt.verify(FAILS_ON_TIES)
    values = (SORT2, sortopt.verify(SORT2), failing, failing.verdict, sortopt.network(3), answer)
    for value in (*values, answer.problem, sortopt.show(SORT2), *ISAS.values()):
        assert again(value) == value
    assert again(SORT2).isa is SORT2.isa
    found = again(answer)
    assert list(found.optima()) == list(answer.optima())
    assert list(found.optima(canonical=True)) == list(answer.optima(canonical=True))
    assert "Optima" not in repr(answer)


def test_errors_keep_what_they_know_when_pickled():
    with pytest.raises(InputError) as caught:
        sortopt.parse("mvo edx, eax", inputs="eax", outputs="edx")
    assert pickled(caught.value).render() == caught.value.render()


def test_all_shortest_kernels_come_as_they_are_asked_for():
    answer = sortopt.search(3, distinct=True, conditions=("l", "g"), count=True)
    assert len(list(islice(answer.optima(), 3))) == 3
    with pytest.raises(InputError, match="not counted"):
        next(sortopt.search(2).optima())
