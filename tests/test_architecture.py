"""The house's plan, read off the imports: ranks, one home for each heavy library, small files."""

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "sortopt"

RANKS = (
    {"errors", "isa", "atomic", "callable_package"},
    {"goal", "orders", "verdict"},
    {"kernel"},
    {"machine", "networks", "formats"},
    {"lower", "dataflow", "cost", "emit"},
    {"verify", "search", "native"},
    {"optimize", "corpus", "objects"},
    {"library", "branchless", "survey", "checking", "finding", "listing"},
    {"ranking"},
    {"pipeline"},
    {"sortopt"},
    {"cli"},
    {"__main__"},
)
"""The units of the house from the ground up: a module or a package; "sortopt" is __init__.py."""

RANK = {unit: rank for rank, units in enumerate(RANKS) for unit in units}

WITHIN_RANK: set[tuple[str, str]] = {("cost", "dataflow"), ("atomic", "errors")}
"""Imports between two units of one rank that are meant: (importer, imported)."""

HOMES = {
    "z3": "verify",
    "cvc5": "verify",
    "bitwuzla": "verify",
    "numba": "search",
    "networkx": "dataflow",
    "click": "cli",
    "rich": "cli",
    "llvmlite": "native",
    "capstone": "objects",
    "elftools": "objects",
}
"""The one unit that may import each heavy library."""

MOST_LINES = 400


def module_name(path):
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def unit_of(module):
    """Return the unit that `module` belongs to: the part after "sortopt."."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else parts[0]


def imports_of(module):
    """Yield the dotted names that `module` imports, anywhere in it, relative ones resolved."""
    path = MODULES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1]
            origin = ".".join(filter(None, [*(base if node.level else []), node.module]))
            for alias in node.names:
                submodule = f"{origin}.{alias.name}"
                yield submodule if submodule in MODULES else origin
        elif (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) in ("import_module", "importlib.import_module", "__import__")
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            yield node.args[0].value


EDGES = [
    (module, name)
    for module in MODULES
    for name in imports_of(module)
    if name.split(".")[0] == "sortopt" and {unit_of(module), unit_of(name)} <= RANK.keys()
]


def test_every_module_has_a_rank():
    assert {unit_of(module) for module in MODULES} <= RANK.keys()


def test_no_unit_has_two_ranks():
    assert all(count == 1 for count in Counter(u for units in RANKS for u in units).values())


def test_modules_import_only_from_lower_ranks():
    wrong = [
        f"{module} imports {name}"
        for module, name in EDGES
        if unit_of(module) != unit_of(name)
        and RANK[unit_of(name)] >= RANK[unit_of(module)]
        and (unit_of(module), unit_of(name)) not in WITHIN_RANK
    ]
    assert wrong == []


def test_no_modules_import_each_other_in_a_circle():
    above = {module: set() for module in MODULES}
    for module, name in EDGES:
        if name in MODULES and name != module:
            above[module].add(name)
    while free := [module for module, below in above.items() if not below]:
        for module in free:
            del above[module]
        for below in above.values():
            below.difference_update(free)
    assert above == {}


@pytest.mark.parametrize(("library", "home"), HOMES.items())
def test_each_heavy_library_has_one_home(library, home):
    users = {
        unit_of(module)
        for module in MODULES
        for name in imports_of(module)
        if name.split(".")[0] == library
    }
    assert users <= {home}


def reachable_units(start):
    """Return the units that the modules of unit `start` import, directly or not."""
    reached, pending = set(), [module for module in MODULES if unit_of(module) == start]
    while pending:
        module = pending.pop()
        for name in (name for origin, name in EDGES if origin == module):
            if name in MODULES and name not in reached and unit_of(name) != "sortopt":
                reached.add(name)
                pending.append(name)
    return {unit_of(module) for module in reached}


def test_verification_is_independent_of_the_search():
    assert "search" not in reachable_units("verify")
    assert "kernel" in reachable_units("verify")


@pytest.mark.parametrize("module", MODULES)
def test_a_module_fits_in_the_head(module):
    assert len(MODULES[module].read_text().splitlines()) <= MOST_LINES


def test_import_sortopt_loads_no_heavy_library():
    code = "import sys, sortopt; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    assert "sortopt" in loaded
    assert set(loaded) & {*HOMES, "numpy"} == set()
