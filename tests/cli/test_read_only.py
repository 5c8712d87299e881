"""An installation that cannot be written to, without a home folder: slower, and it says why."""

import os
import shutil
import subprocess
import sys

import pytest
from places import KERNELS, ROOT

WITHOUT_RIGHTS = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
"""Root writes anywhere unless it has lost that right."""


@pytest.fixture
def read_only(tmp_path):
    """Return a function that runs commands from a copy of the package that cannot be written.

    They run in one process, as each process compiles anew.
    """
    if os.getuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("root writes anywhere, and there is no setpriv to change that")
    copy = tmp_path / "installed"
    shutil.copytree(
        ROOT / "sortopt", copy / "sortopt", ignore=shutil.ignore_patterns("__pycache__")
    )
    folders = [copy, *(p for p in copy.rglob("*") if p.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("NUMBA", "XDG", "PYTHON"))
    }
    environment |= {"HOME": "/proc/none", "PYTHONPATH": str(copy)}
    environment |= {"NUMBA_OPT": "0"}  # compiles in half the time; what it compiles runs briefly

    def run(*commands, modules=(), **more):
        calls = "".join(f"; import {name}" for name in modules)
        calls += "".join(f"; assert run({words!r}) == 0" for words in commands)
        command = [sys.executable, "-c", f"from sortopt.cli.app import run{calls}"]
        done = subprocess.run(
            [*(WITHOUT_RIGHTS if os.getuid() == 0 else []), *command],
            env=environment | more, cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert "Traceback" not in done.stderr
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    yield run
    for folder in folders:
        folder.chmod(0o755)


@pytest.mark.slow
def test_search_certify_and_optimize_work_in_a_read_only_installation(read_only):
    kernel = KERNELS / "lowered" / "sort2-len4-depth2.asm"
    printed = read_only(
        ["search", "--n", "2", "--certificate", "two.cert"],
        ["optimize", str(kernel), "--time-limit", "0.5"],
        NUMBA_DISABLE_JIT="1",  # to compile all of this takes long
    )
    assert "no shorter kernel exists" in printed
    assert printed.count("expect:  proved") == 2
    assert "compiled code is not kept" not in printed
    compiled = [path.relative_to(ROOT) for path in ROOT.glob("sortopt/**/_*_kernels.py")]
    modules = [".".join(path.with_suffix("").parts) for path in compiled]
    printed = read_only(["certify", "two.cert"], modules=modules)
    assert "certified" in printed
    assert "compiled code is not kept" in printed
