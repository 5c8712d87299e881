"""Kernels of other machines, run under an emulator where there is one."""

import shutil

import numpy as np
import pytest
from compiled import expected_rows, keys_of, samples, skip_unless_run_here

from sortopt.base.errors import InputError
from sortopt.model import KEY_TYPES, run
from sortopt.native import emulator
from sortopt.networks import Network, best, lower
from sortopt.targets import ISAS

OTHERS = [isa for isa in ISAS.values() if isa.machine.emulator]
CASES = [(isa, key) for isa in OTHERS for key in keys_of(lower(best(4), isa))]


@pytest.mark.parametrize("assembly", [False, True], ids=["c", "assembly"])
@pytest.mark.parametrize(("isa", "key"), CASES, ids=lambda case: getattr(case, "name", case))
def test_what_is_emitted_sorts_all_weak_orders_and_random_keys(isa, key, assembly):
    skip_unless_run_here(isa)
    kernel, rows = lower(best(4), isa), samples(lower(best(4), isa), KEY_TYPES[key])
    out = emulator.run(kernel, rows, KEY_TYPES[key], assembly=assembly)
    assert np.array_equal(out, expected_rows(kernel, rows))


@pytest.mark.parametrize("isa", OTHERS, ids=lambda isa: isa.name)
def test_a_kernel_that_does_not_sort_is_run_as_the_interpreter_runs_it(isa):
    skip_unless_run_here(isa)
    kernel = lower(Network(3, ((0, 2), (0, 1))), isa)
    key = KEY_TYPES[keys_of(kernel)[0]]
    rows = samples(kernel, key)[:200]
    wanted = [run(kernel, row) for row in rows.tolist()]
    assert emulator.run(kernel, rows, key).tolist() == list(map(list, wanted))
    assert not np.array_equal(wanted, expected_rows(kernel, rows))


def test_without_the_tools_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    isa = ISAS["riscv"]
    monkeypatch.setattr(emulator, "is_native", lambda machine: False)
    with pytest.raises(InputError, match="no riscv64-linux-gnu-gcc and no qemu-riscv64") as raised:
        emulator.run(lower(best(2), isa), np.zeros((1, 2), np.int64), KEY_TYPES["int64"])
    assert "apt install gcc-riscv64-linux-gnu qemu-user" in raised.value.hint
