"""Compile emitted code with the machine's compilers and run it on keys; for the tests."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import suppress
from functools import cache

import numpy as np
import pytest

from sortopt.base.errors import InputError
from sortopt.model import KEY_TYPES, for_keys, natural_key_type
from sortopt.model.orders import weak_orders
from sortopt.native import execute
from sortopt.networks import best, lower

MOST_ORDERS = 5_000


def keys_of(kernel):
    """Return the names of the key types that `kernel` sorts."""
    names = []
    for name, key in KEY_TYPES.items():
        with suppress(InputError):
            for_keys(kernel, key)
            names.append(name)
    return names


def skip_unless_run_here(isa):
    """Skip a test where neither this CPU nor an emulator runs kernels of `isa`, and say why."""
    if reason := _obstacle(isa):
        pytest.skip(reason)


@cache
def _obstacle(isa):
    kernel = lower(best(2), isa)
    try:
        execute(kernel, np.zeros((1, 2), natural_key_type(kernel).name))
    except InputError as error:
        known = ("do not run here", "lacks", "feature modifier", "unknown architecture")
        if not any(words in error.message for words in known):
            raise
        return error.render()
    return None


def samples(kernel, key):
    """Return keys, one input a row: weak orders over the type's whole range, and random keys."""
    return _samples(kernel.n, kernel.contract.precondition, key)


@cache
def _samples(n, precondition, key):
    orders = weak_orders(n) if n < 7 else weak_orders(n)[::131]
    orders = [order for order in orders if precondition.holds(order)]
    spread = np.linspace(0, 1, n + 1)
    whole = [int(key.least + s * (key.greatest - key.least)) for s in spread[:-1]] + [key.greatest]
    whole[-1] = key.greatest
    rng = np.random.default_rng(1)
    drawn = rng.integers(key.least, key.greatest, (2000, n), key.name, endpoint=True)
    few = rng.integers(0, 3, (500, n)).astype(key.name)
    extreme = rng.choice(np.array([key.least, -1 % (key.greatest + 1), 0, key.greatest], key.name),
                         (500, n))  # fmt: skip
    rows = [np.array([[whole[rank - 1] for rank in order] for order in orders], dtype=key.name)]
    if not precondition:
        rows += [drawn, few, extreme]
    joined = np.concatenate(rows)
    joined.flags.writeable = False
    return joined


def expected_rows(kernel, rows):
    """Return what the goal wants of each row."""
    return np.sort(rows, axis=1)[:, list(kernel.contract.goal.ranks(kernel.n))]


def run(command, **options):
    """Run a command and return its output; a failure shows what it printed."""
    done = subprocess.run(command, capture_output=True, timeout=300, check=False, **options)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-4000:]
    return done.stdout


def compiler(name):
    """Return the path of a compiler, or None."""
    return shutil.which(name)


def main_in_c(functions):
    """Return a C main that applies function number argv[1] to the groups on stdin.

    `functions` are (kernel, key type, name of a function, whether it takes an `out`).
    """
    cases = []
    for number, (kernel, key, name) in enumerate(functions):
        kind, n, outputs = f"{KEY_TYPES[key].name}_t", kernel.n, len(kernel.contract.outputs)
        call = f"{name}(k)" if outputs == n else f"{name}(k, o)"
        shown = "k" if outputs == n else "o"
        cases.append(
            f"case {number}: {{ {kind} k[{n}]; {kind} o[{outputs}]; (void)o;\n"
            f"  while (fread(k, sizeof k, 1, stdin) == 1) {{ {call};\n"
            f"    fwrite({shown}, sizeof *k, {outputs}, stdout); }} break; }}\n"
        )
    return (
        "#include <stdint.h>\n#include <stdio.h>\n#include <stdlib.h>\n"
        "int main(int argc, char **argv)\n{\n  if (argc != 2) return 2;\n"
        f"  switch (atoi(argv[1])) {{\n{''.join(cases)}"
        "  default: return 3;\n  }\n  return 0;\n}\n"
    )


def check(program, functions):
    """Assert that every function of a program made with `main_in_c` gives what its goal wants."""
    for number, (kernel, key, name) in enumerate(functions):
        rows = samples(kernel, KEY_TYPES[key])
        out = run([str(program), str(number)], input=rows.tobytes())
        got = np.frombuffer(out, dtype=key).reshape(len(rows), -1)
        wrong = np.flatnonzero((got != expected_rows(kernel, rows)).any(axis=1))
        assert len(wrong) == 0, (name, key, rows[wrong[0]], got[wrong[0]])
