"""Child processes end with their parent, even where that is killed while they are busy."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from kernels_by_hand import NETWORK8
from places import KERNELS

from sortopt.formats import print_kernel

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc here")

BUSY_NATIVE = """
from sortopt.native.code import module, Layout
from sortopt.native.process import Process
from sortopt.native.work import Assemble, Measure, Workload
from sortopt.formats import parse
from sortopt.model import KEY_TYPES
kernel = parse(open(r"{kernel}").read()).kernel
with Process() as process:
    process.ask(Assemble(module([("k", kernel)], KEY_TYPES["int32"], Layout.ROWS), ("k",)))
    load = Workload("random", kernel.n, 100_000, "int32")
    print("busy", flush=True)
    process.ask(Measure(((("k",), load, 100_000),), 10**6, 0))
"""

BUSY_FOLDER = """
from sortopt.tasks import judge_folder, plan_folder
if __name__ == "__main__":
    for outcome in judge_folder(plan_folder(r"{folder}", both=True), 2):
        print("busy", flush=True)
"""

IDLE_ASSEMBLER = """
import time
from sortopt.native.assembler import assemble
assemble("ret")
print("busy", flush=True)
time.sleep(1000)
"""


def children(parent):
    """Return the numbers of the living processes that `parent` started, and theirs."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                state, started_by = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            except (OSError, ValueError):
                continue
            if int(started_by) == parent and state != "Z":
                found += [int(folder.name), *children(int(folder.name))]
    return found


def alive(process):
    try:
        return (Path("/proc") / str(process) / "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return None


@pytest.mark.parametrize("code", [BUSY_NATIVE, BUSY_FOLDER, IDLE_ASSEMBLER])
def test_children_end_with_a_parent_that_is_killed(tmp_path, code):
    folder = tmp_path / "many"
    folder.mkdir()
    text = print_kernel(NETWORK8)
    for number in range(60):
        (folder / f"k{number}.asm").write_text(text)
    script = tmp_path / "parent.py"
    script.write_text(code.format(kernel=KERNELS / "alphadev" / "sort3.asm", folder=folder))
    parent = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE)
    try:
        assert parent.stdout.readline() == b"busy\n"
        started = children(parent.pid)
        assert started
        time.sleep(0.3)
        assert parent.poll() is None, "it is busy with what its child does"
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
        for _ in range(600):
            if not any(alive(child) in ("R", "S", "D") for child in started):
                return
            time.sleep(0.05)
        raise AssertionError(f"still there: {[c for c in started if alive(c)]}")
    finally:
        parent.kill()
        parent.stdout.close()
