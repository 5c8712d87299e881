"""With --json every command prints one object, and it is as `docs/output.schema.json` says."""

import json

import fastjsonschema
import pytest
from places import ROOT

from sortopt.cli.app import COMMANDS, run

SCHEMA = json.loads((ROOT / "docs" / "output.schema.json").read_text())
SORT3 = "kernels/alphadev/sort3.asm"
SHOWN = "kernels/claim/shown.asm"
BRANCHING = str(ROOT / "tests" / "branching" / "ins3-O1.s")
CALLS = [
    ["search", "--n", "2", "--count"],
    ["search", "--n", "2", "--max-length", "3"],
    ["search", "--n", "2", "--rank", "latency"],
    ["verify", SORT3, "--explain"],
    ["verify", SHOWN],
    ["verify", BRANCHING],
    ["verify", BRANCHING, "--length", "esi=2..3"],
    ["verify", SHOWN, SORT3],
    ["counterexample"],
    ["counterexample", SHOWN],
    ["show", SORT3],
    ["report", SHOWN],
    ["repair", SHOWN, "--most-added", "0"],
    ["repair", "kernels/cgo25/sort3-len11-depth6.cgo"],
    ["optimize", SORT3, "--time-limit", "1"],
    ["optimize", "kernels/lowered/sort2-len4-depth2.asm", "--pareto"],
    ["emit", SORT3, "--to", "c"],
    ["emit", SHOWN, "--to", "c"],
    ["network", "--best", "4", "--lower"],
    ["landscape", "--n", "2", "--slack", "1", "--drawn", "20", "--runs", "4"],
    ["bench", SORT3, "--against", "network", "--rounds", "30", "--settings", "standalone"],
    ["sort-library", "--n", "2"],
    ["compile"],
    ["doctor"],
    ["certify", "two.cert"],
]
NAMES = {"counterexample": "counterexample-command"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("json")
    (made / "kernels").symlink_to(ROOT / "kernels")
    assert run(["search", "--n", "2", "--certificate", str(made / "two.cert"), "-q"]) == 0
    return made


def valid(name, text):
    """Validate the one object in `text` against a definition of the schema."""
    found = json.loads(text)
    fastjsonschema.compile({**SCHEMA, "$ref": f"#/definitions/{name}"})(found)
    return found


@pytest.mark.parametrize("name", sorted(SCHEMA["definitions"].keys() - {"verdict"}))
def test_nothing_is_valid_that_lacks_a_key(name):
    with pytest.raises(fastjsonschema.JsonSchemaValueException):
        valid(name, "{}")


def test_every_command_is_in_the_schema():
    assert {call[0] for call in CALLS} == set(COMMANDS)
    assert {NAMES.get(name, name) for name in COMMANDS} <= SCHEMA["definitions"].keys()


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_what_a_command_prints_is_as_the_schema_says(capsys, monkeypatch, folder, call):
    monkeypatch.chdir(folder)
    run([*call, "--json"])
    found = valid(NAMES.get(call[0], call[0]), capsys.readouterr().out)
    assert "error" not in found


@pytest.mark.parametrize("command", COMMANDS)
def test_an_error_is_an_object_too(capsys, command):
    status = run([command, "--no-such-option", "--json"])
    assert valid("error", capsys.readouterr().out)["error"]["exit_status"] == status == 2
