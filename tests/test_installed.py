"""A wheel holds what the commands need: each works from a fresh environment, far from the checkout.

The libraries that sortopt stands on are those of the environment that runs the tests, and so is
what is compiled already: an installation that compiles all by itself is in cli/test_read_only.py.
"""

import json
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from places import KERNELS, ROOT

from sortopt.cli.app import COMMANDS, run

SORT3 = str(KERNELS / "alphadev" / "sort3.asm")
CALLS = {
    "search": ["--n", "2", "--certificate", "two.cert"],
    "optimize": [SORT3, "--time-limit", "2"],
    "network": ["--best", "8"],
    "landscape": ["--n", "2", "--slack", "1", "--drawn", "20", "--runs", "4"],
    "verify": [SORT3, "--both"],
    "counterexample": [],
    "show": [SORT3],
    "repair": [SORT3],
    "certify": ["two.cert"],
    "emit": [SORT3, "--to", "c"],
    "bench": [SORT3, "--against", "network", "--rounds", "30", "--settings", "standalone"],
    "report": [SORT3],
    "sort-library": ["--n", "2..8"],
    "doctor": [],
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Build a wheel, install it in a fresh environment; return what calls its `sortopt`."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    subprocess.run([*pip, "wheel", "--no-deps", "-w", folder, ROOT], check=True, cwd=folder)
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    (packages,) = (folder / "venv").glob("lib/*/site-packages")
    (wheel,) = folder.glob("*.whl")
    install = [*pip, "install", "--no-deps", "--no-compile", "-t", packages, wheel]
    subprocess.run(install, check=True)
    for code in (ROOT / "sortopt").rglob("__pycache__/*.nb[ci]"):
        copy = packages / code.relative_to(ROOT)
        copy.parent.mkdir(exist_ok=True)
        shutil.copy(code, copy)
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")

    def call(*words, code="from sortopt.__main__ import main; main()"):
        command = [folder / "venv" / "bin" / "python", "-c", code, *words]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stderr
        assert done.returncode == 0, done.stderr
        return done.stdout

    code = "import sortopt; print(sortopt.__file__)"
    python = folder / "venv" / "bin" / "python"
    where = subprocess.run([python, "-c", code], cwd=folder, capture_output=True, text=True).stdout
    assert Path(where.strip()).is_relative_to(packages)
    return call


@pytest.mark.slow
def test_every_command_works_from_a_wheel(installed):
    assert CALLS.keys() == COMMANDS.keys() - {"compile"}  # what it compiles is in the others
    calls = [[command, *options] for command, options in CALLS.items()]
    code = f"from sortopt.cli.app import run; assert not any(map(run, {calls!r}))"
    installed(code=code)  # in one process: what the wheel lacks is missed there too


@pytest.mark.slow
def test_a_library_from_a_wheel_is_that_of_the_checkout(installed, capsys):
    assert run(["sort-library", "--n", "2..8", "--json"]) == 0
    assert (
        json.loads(installed("sort-library", "--n", "2..8", "--json"))["text"]
        == (json.loads(capsys.readouterr().out)["text"])
    )
