"""The house's plan, read off the imports: floors, doors, homes of heavy libraries, small files.

A wing is a package with a door: its `__init__.pyi` lists what it hands on.  A wing of the search is
named by its path, for example `search.space`.
"""

import ast
import re
import subprocess
import sys
from functools import cache

import pytest
from places import ROOT

PACKAGE = ROOT / "sortopt"

FLOORS = (
    {"base"},
    {"model"},
    {"targets"},
    {"networks", "formats"},
    {"verify", "certificate", "search.space"},
    {"emit"},
    {"native", "search.bounds", "search.beams"},
    {"objects", "search.exhaustive"},
    {"search.optima", "search"},
    {"optimize", "terrain"},
    {"front"},
    {"tasks"},
    {"report", "doors"},
    {"api"},
    {"sortopt"},
    {"cli"},
    {"__main__"},
)
"""The wings from the ground up; `sortopt` is `__init__.py`, which hands on what `api` defines."""

FLOOR = {wing: floor for floor, wings in enumerate(FLOORS) for wing in wings}

TOP = {"sortopt", "__main__", "doors", "api", "cli"}
"""Who may name a wing without going through its door: nobody has to, but these are no wings."""

HOMES = {
    "z3": {"verify"},
    "cvc5": {"verify"},
    "bitwuzla": {"verify"},
    "networkx": {"model", "report"},
    "click": {"cli"},
    "rich": {"report", "cli"},
    "jinja2": {"report"},
    "llvmlite": {"native"},
    "capstone": {"objects"},
    "elftools": {"objects"},
    "lief": {"objects"},
    "distributed": {"search.exhaustive"},
}
"""The wings that may import each heavy library; Numba has a rule of its own."""

COMMANDS_KNOW = {"cli", "api", "report", "base", "sortopt"}
"""What commands may import."""

MOST_LINES = 400


def module_name(path):
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def wing_of(module):
    """Return the wing that `module` belongs to, or its own name where it is no part of one."""
    parts = module.split(".")[1:]
    if not parts:
        return "sortopt"
    pair = ".".join(parts[:2])
    return pair if pair in FLOOR else parts[0]


@cache
def parsed(module):
    """Return all nodes of a module's syntax tree."""
    return list(ast.walk(ast.parse(MODULES[module].read_text())))


@cache
def imports_of(module):
    """Return the (origin, name) of what `module` imports from this package, anywhere in it.

    `origin` is the module after `from`, or the dotted name after `import` with no `name`.
    """
    found = []
    for node in parsed(module):
        if isinstance(node, ast.Import):
            found += [(alias.name, None) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            found += [(node.module, alias.name) for alias in node.names]
        elif (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) in ("import_module", "importlib.import_module", "__import__")
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            found.append((node.args[0].value, None))
    return found


def module_of(origin, name):
    """Return the module that an import names: `name` in `origin` where that is a module."""
    return f"{origin}.{name}" if f"{origin}.{name}" in MODULES else origin


@cache
def edges():
    """Return each import within the package: the module, and the module that it names."""
    return [
        (module, module_of(origin, name))
        for module in MODULES
        for origin, name in imports_of(module)
        if origin.split(".")[0] == "sortopt"
    ]


WINGS = sorted({wing_of(module) for module in MODULES} - TOP - {"search"})


def door_of(wing):
    """Return what the door of `wing` hands on: name to the module that defines it."""
    stub = PACKAGE.joinpath(*wing.split("."), "__init__.pyi")
    return {
        alias.name: f"sortopt.{wing}.{node.module}" if node.module else f"sortopt.{wing}"
        for node in ast.parse(stub.read_text()).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_every_module_has_a_floor():
    assert {wing_of(module) for module in MODULES} <= FLOOR.keys()


def test_no_wing_stands_on_two_floors():
    assert len(FLOOR) == sum(map(len, FLOORS))


def test_modules_import_only_from_lower_floors():
    wrong = [
        f"{module} imports {name}"
        for module, name in edges()
        if wing_of(module) != wing_of(name) and FLOOR[wing_of(name)] >= FLOOR[wing_of(module)]
    ]
    assert wrong == []


def test_no_modules_import_each_other_in_a_circle():
    above = {module: set() for module in MODULES}
    for module, name in edges():
        if name in MODULES and name != module:
            above[module].add(name)
    while free := [module for module, below in above.items() if not below]:
        for module in free:
            del above[module]
        for below in above.values():
            below.difference_update(free)
    assert above == {}


@pytest.mark.parametrize("wing", WINGS)
def test_a_wing_is_entered_by_its_door(wing):
    door = door_of(wing)
    wrong = [
        f"{module} imports {name or 'the whole module'} from {origin}"
        for module in MODULES
        for origin, name in imports_of(module)
        if origin.split(".")[0] == "sortopt"
        and wing_of(module) != wing
        and wing_of(module_of(origin, name)) == wing
        and not (origin == f"sortopt.{wing}" and (name in door or name is None))
        and f"{origin}.{name}" != f"sortopt.{wing}"
    ]
    assert wrong == []


@pytest.mark.parametrize("wing", WINGS)
def test_a_door_hands_on_what_stands_behind_it(wing):
    for name, module in door_of(wing).items():
        path = PACKAGE.parent.joinpath(*module.split("."))
        assert path.with_suffix(".py").exists() or path.is_dir()
        # Importing a module binds it in its package, over anything of the same name.
        is_module = f"sortopt.{wing}.{name}" in MODULES
        assert is_module == (module == f"sortopt.{wing}")


@cache
def words_of(path):
    return set(re.findall(r"\w+", path.read_text()))


@pytest.mark.parametrize("wing", WINGS)
def test_a_door_hands_on_nothing_that_nobody_asks_for(wing):
    inside = PACKAGE.joinpath(*wing.split("."))
    paths = [*MODULES.values(), *PACKAGE.parent.glob("tests/**/*.py")]
    words = set().union(*(words_of(path) for path in paths if not path.is_relative_to(inside)))
    assert {name for name in door_of(wing) if name not in words} == set()


@pytest.mark.parametrize("wing", WINGS)
def test_a_wing_says_what_it_is_for_and_whom_it_asks(wing):
    said = ast.get_docstring(ast.parse(MODULES[f"sortopt.{wing}"].read_text()))
    assert len(said.splitlines()) >= 3
    assert wing == "base" or "Asks: " in said


@pytest.mark.parametrize(("library", "homes"), HOMES.items())
def test_each_heavy_library_has_its_home(library, homes):
    users = {
        wing_of(module)
        for module in MODULES
        for origin, _ in imports_of(module)
        if origin.split(".")[0] == library
    }
    assert users <= homes


def test_commands_know_no_other_door_than_the_api():
    wrong = [
        f"{module} imports {name}"
        for module, name in edges()
        if wing_of(module) == "cli" and wing_of(name) not in COMMANDS_KNOW
    ]
    assert wrong == []


def calls_of(module, names):
    """Return the lines on which a module calls one of `names`."""
    return [
        node.lineno
        for node in parsed(module)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in names
    ]


def test_nothing_below_the_commands_prints_but_in_one_place():
    printing = {
        module
        for module in MODULES
        if wing_of(module) != "cli" and calls_of(module, {"print", "click.echo"})
    }
    assert printing == {"sortopt.report.tables"}


def test_numba_stands_only_in_files_of_compiled_code():
    users = {
        module.rpartition(".")[2]
        for module in MODULES
        for origin, _ in imports_of(module)
        if origin.split(".")[0] == "numba"
    }
    assert all(name.startswith("_") and name.endswith("_kernels") for name in users)


def reachable_wings(start):
    """Return the wings whose modules are imported by those of wing `start`, directly or not."""
    reached, pending = set(), [module for module in MODULES if wing_of(module) == start]
    while pending:
        module = pending.pop()
        for origin, name in imports_of(module):
            found = module_of(origin, name)
            door = door_of(wing_of(found)) if wing_of(found) in WINGS else {}
            for behind in {found, door.get(name, found)} & MODULES.keys() - reached:
                reached.add(behind)
                pending.append(behind)
    return {wing_of(module) for module in reached}


@pytest.mark.parametrize("wing", ["verify", "certificate"])
def test_what_judges_is_independent_of_what_it_judges(wing):
    reached = reachable_wings(wing)
    assert {name for name in reached if name.startswith("search")} == set()
    assert "model" in reached


@pytest.mark.parametrize("module", MODULES)
def test_a_module_fits_in_the_head(module):
    assert len(MODULES[module].read_text().splitlines()) <= MOST_LINES


def test_import_sortopt_loads_no_heavy_library():
    code = "import sys, sortopt; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    assert "sortopt" in loaded
    assert set(loaded) & {*HOMES, "numba", "numpy"} == set()
