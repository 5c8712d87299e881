"""One table of exit statuses for all commands: what each way to end says, and that it is told."""

import runpy
import signal
import subprocess
import sys
import threading
import types

import pytest
from places import ROOT

from sortopt import api
from sortopt.base import Disagreement, ExitCode, InputError, LimitReached
from sortopt.cli import app
from sortopt.search.beams import anytime
from sortopt.search.exhaustive import deepening

SORT3 = "kernels/alphadev/sort3.asm"
MOVELESS = "kernels/claim/without-mov.asm"


@pytest.fixture
def command(capsys, monkeypatch):
    """Run a command line in the checkout; return exit status, stdout and stderr."""
    monkeypatch.chdir(ROOT)

    def call(*arguments):
        status = app.run([str(argument) for argument in arguments])
        return status, *capsys.readouterr()

    return call


@pytest.fixture
def ends_with(monkeypatch):
    """Have `sortopt verify` end with an error."""

    def end(error):
        def verify_file(*arguments, **options):
            raise error

        monkeypatch.setattr(api, "verify_file", verify_file)

    return end


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["verify", SORT3], ExitCode.DONE),
        (["verify", MOVELESS], ExitCode.REFUTED),
        (["repair", "kernels/claim/shown.asm", "--most-added", "0"], ExitCode.REFUTED),
        (["search", "--n", "2", "--max-length", "3"], ExitCode.REFUTED),
        (["emit", MOVELESS, "--to", "c"], ExitCode.REFUTED),
        (["network", "--best", "4"], ExitCode.DONE),
        (["verify", "no-such-file.asm"], ExitCode.BAD_INPUT),
        (["verify"], ExitCode.BAD_INPUT),
        (["verfiy", SORT3], ExitCode.BAD_INPUT),
        (["verify", SORT3, "--time-limit", "1e-9"], ExitCode.UNKNOWN),
        (["repair", MOVELESS, "--time-limit", "1e-9"], ExitCode.UNKNOWN),
        (["show", SORT3, "--time-limit", "1e-9"], ExitCode.UNKNOWN),
        (["network", "--best", "3", "--time-limit", "1e-9"], ExitCode.UNKNOWN),
        (["sort-library", "--n", "3", "--time-limit", "1e-9"], ExitCode.UNKNOWN),
    ],
)
def test_a_status_says_what_the_table_says(command, arguments, status):
    assert command(*arguments)[0] == status


def test_the_table_stands_in_the_help_and_in_the_docs(command):
    _, shown, _ = command("--help")
    page = (ROOT / "docs" / "commands.md").read_text()
    for code in ExitCode:
        assert f"  {code:<2}  {code.meaning}\n" in shown
        assert f"| {code} | {code.meaning} |\n" in page


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputError("no"), ExitCode.BAD_INPUT),
        (LimitReached("late"), ExitCode.UNKNOWN),
        (MemoryError(), ExitCode.UNKNOWN),
        (KeyboardInterrupt(), ExitCode.UNKNOWN),
        (FileNotFoundError(2, "No such file or directory", "x"), ExitCode.BAD_INPUT),
        (Disagreement("both"), ExitCode.BUG),
        (KeyError("x"), ExitCode.BUG),
        (RecursionError("deep"), ExitCode.BUG),
        (AssertionError(), ExitCode.BUG),
    ],
)
def test_whatever_ends_a_command_has_its_status(command, ends_with, error, status):
    ends_with(error)
    got, out, err = command("verify", SORT3)
    assert (got, out) == (status, "")
    assert "Traceback" not in err
    assert err.splitlines()[0].startswith(("error: ", "interrupted"))


@pytest.mark.parametrize("error", [ValueError("two\nlines"), Disagreement("they differ")])
def test_a_bug_says_what_to_report(command, ends_with, monkeypatch, error):
    monkeypatch.delenv("SORTOPT_TRACEBACK", raising=False)
    ends_with(error)
    _, _, err = command("verify", SORT3, "--assume", "b<c")
    what, report, more = err.splitlines()
    assert what in (
        "error: this is a bug in sortopt: ValueError: two lines; please report it",
        "error: they differ; this is a bug in sortopt; please report it",
    )
    assert report.startswith(f"report: sortopt {app.__version__}, Python 3.")
    assert report.endswith(f": sortopt verify {SORT3} --assume 'b<c'")
    assert "SORTOPT_TRACEBACK=1" in more
    monkeypatch.setenv("SORTOPT_TRACEBACK", "1")
    assert "Traceback (most recent call last)" in command("verify", SORT3)[2]


def test_sigterm_does_what_ctrl_c_does(command, monkeypatch):
    def verify_file(*arguments, **options):
        signal.raise_signal(signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(api, "verify_file", verify_file)
    assert command("verify", SORT3) == (ExitCode.UNKNOWN, "", "interrupted\n")
    assert signal.getsignal(signal.SIGTERM) is before


def test_ctrl_c_while_the_command_is_loaded_ends_it_in_one_line(capsys, monkeypatch):
    def interrupted(name):
        raise KeyboardInterrupt

    loaded = types.ModuleType("sortopt.cli")
    loaded.__getattr__ = interrupted
    monkeypatch.setitem(sys.modules, "sortopt.cli", loaded)
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(ROOT / "sortopt" / "__main__.py"))["main"]()
    assert end.value.code == ExitCode.UNKNOWN
    assert capsys.readouterr() == ("", "interrupted\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_was_found_of_a_folder_is_printed_when_interrupted(command, monkeypatch, number):
    whole = api.judge_folder

    def judge_folder(planned, *options):
        for count, outcome in enumerate(whole(planned, *options)):
            if count == 2:
                signal.raise_signal(number)
            yield outcome

    monkeypatch.setattr(api, "judge_folder", judge_folder)
    status, out, err = command("verify", "--all-of", "kernels/alphadev")
    assert (status, err) == (ExitCode.UNKNOWN, "")
    assert "sort5.asm: interrupted" in out
    assert "3 kernels in " in out
    assert "; 2 by weak orders and z3" in out


def test_commands_run_where_signals_cannot_be_caught(monkeypatch):
    monkeypatch.chdir(ROOT)
    statuses = []
    thread = threading.Thread(target=lambda: statuses.append(app.run(["verify", SORT3])))
    thread.start()
    thread.join()
    assert statuses == [ExitCode.DONE]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_process_that_is_stopped_ends_with_the_status_of_the_table(number):
    code = (
        "import time\nfrom sortopt import api\nfrom sortopt.cli import main\n"
        "api.verify_file = lambda *a, **o: [print('up', flush=True), time.sleep(600)]\n"
        f"main(['verify', {SORT3!r}])"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stdout.readline() == "up\n"
    running.send_signal(number)
    out, err = running.communicate(timeout=300)
    assert (running.returncode, out, err) == (ExitCode.UNKNOWN, "", "interrupted\n")


def interrupt(*arguments, **options):
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "arguments", [["search", "--n", "4"], ["compile"], ["landscape", "--n", "2"]]
)
def test_ctrl_c_while_code_is_loaded_ends_the_command(command, monkeypatch, arguments):
    monkeypatch.setattr(deepening._Deepening, "find", interrupt)
    status, out, err = command(*arguments)
    assert status == ExitCode.UNKNOWN
    assert "interrupted" in out + err


def test_ctrl_c_while_beams_are_loaded_is_not_lost(monkeypatch):
    monkeypatch.setattr(anytime._Search, "round", interrupt)
    with pytest.raises(KeyboardInterrupt):
        anytime.load()
    monkeypatch.setattr(deepening._Deepening, "find", interrupt)
    with pytest.raises(KeyboardInterrupt):
        deepening.load()
