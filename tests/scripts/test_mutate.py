"""scripts/mutate.py: the list of faults fits the source, and what no test notices is named."""

import ast
import re
from functools import cache

import mutate
import pytest
from places import ROOT

FAULTS = mutate.faults()


@cache
def text(name):
    return (ROOT / name).read_text()


@cache
def defined_in(name):
    return {
        node.name for node in ast.walk(ast.parse(text(name))) if isinstance(node, ast.FunctionDef)
    }


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_fits_the_source_exactly_once_and_names_tests(fault):
    assert text(fault.file).count(fault.was) == 1
    assert fault.now != fault.was
    assert fault.tests
    for test in fault.tests:
        name, _, function = test.partition("::")
        plain = function.partition("[")[0].rpartition("::")[2]
        assert not plain or plain in defined_in(name), test


def test_no_fault_is_listed_twice():
    assert len(set(FAULTS)) == len(FAULTS)


LIST = """
[[fault]]
file = "sortopt/twice.py"
was = "2 * x"
now = "3 * x"
tests = ["tests/test_twice.py"]

[[fault]]
file = "sortopt/twice.py"
was = "x: int"
now = "x: float"
tests = ["tests/test_twice.py"]
"""


@pytest.fixture
def tree(tmp_path):
    """A small project and a list of two faults, of which its test notices one."""
    for folder in ("sortopt", "tests"):
        (tmp_path / folder).mkdir()
    (tmp_path / "sortopt" / "twice.py").write_text("def twice(x: int):\n    return 2 * x\n")
    (tmp_path / "tests" / "test_twice.py").write_text(
        "import runpy\n\n\ndef test_twice():\n"
        "    assert runpy.run_path('sortopt/twice.py')['twice'](3) == 6\n"
    )
    (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\ntestpaths = ["tests"]\n')
    (tmp_path / "faults.toml").write_text(LIST)
    return tmp_path


def run(tree, *more):
    return mutate.main(
        ["--root", str(tree), "--faults", str(tree / "faults.toml"), "--jobs", "1", *more]
    )


def test_a_fault_that_no_test_notices_survives(tree, capsys):
    assert run(tree) == 1
    noticed, survives, last = capsys.readouterr().out.splitlines()
    assert noticed.startswith("noticed")
    assert survives.startswith("SURVIVES")
    assert "'x: int' -> 'x: float'" in survives
    assert last == "2 faults, 1 of them survive"
    assert run(tree, "--only", "2 * x") == 0
    assert "2 * x" in (tree / "sortopt" / "twice.py").read_text()


def test_a_fault_after_which_the_tests_crash_is_noticed(tree, capsys):
    crash = "now = \"__import__('os').abort()\""
    (tree / "faults.toml").write_text(LIST.replace('now = "3 * x"', crash))
    assert run(tree, "--only", "2 * x") == 0
    assert capsys.readouterr().out.startswith("noticed")


def test_a_list_that_does_not_fit_the_source_is_an_error(tree, capsys):
    path = tree / "faults.toml"
    path.write_text(LIST.replace('"2 * x"', '"4 * x"'))
    assert run(tree) == 2
    assert "0 times, not once" in capsys.readouterr().err


def test_tests_that_fail_without_a_fault_show_nothing(tree, capsys):
    (tree / "sortopt" / "twice.py").write_text("def twice(x: int):\n    return x + 2 * x\n")
    assert run(tree) == 2
    assert "fail without a fault" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [(None, "cannot read"), ("", "is no list of faults"), ("[[fault]]", "is no list of faults")],
    ids=["missing", "empty", "without fields"],
)
def test_a_file_that_is_no_list_of_faults_is_an_error_in_one_line(tmp_path, capsys, text, said):
    path = tmp_path / "faults.toml"
    if text is not None:
        path.write_text(text)
    assert mutate.main(["--faults", str(path), "--list"]) == 2
    assert re.fullmatch(rf"error: .*{said}.*\n", capsys.readouterr().err)
