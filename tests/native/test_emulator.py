"""Kernels of other machines, run under an emulator where there is one."""

import shutil
from itertools import product

import numpy as np
import pytest
from compiled import expected_rows, keys_of, samples, skip_unless_run_here

from sortopt.base.errors import InputError
from sortopt.model import FLOAT_TYPES, KEY_TYPES, run
from sortopt.native import emulator
from sortopt.networks import Network, best, lower
from sortopt.targets import ISAS

OTHERS = [isa for isa in ISAS.values() if isa.machine.emulator and not isa.floating]
NUMBERS = [isa for isa in ISAS.values() if isa.machine.emulator and isa.floating]
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


@pytest.mark.parametrize("assembly", [False, True], ids=["c", "assembly"])
@pytest.mark.parametrize("isa", NUMBERS, ids=lambda isa: isa.name)
def test_numbers_are_sorted_from_infinity_to_infinity_minus_zero_before_plus_zero(isa, assembly):
    skip_unless_run_here(isa)
    positive = np.array([0, 1, 0x800000, 0x3F800000, 0x7F7FFFFF, 0x7F800000], np.uint32)
    ascending = np.concatenate([positive[::-1] | 1 << 31, positive])
    places = np.array([*product(range(len(ascending)), repeat=3)])
    rows = ascending[places].view(np.float32)
    out = emulator.run(lower(best(3), isa), rows, FLOAT_TYPES["float32"], assembly=assembly)
    assert np.array_equal(out.view(np.uint32), ascending[np.sort(places, axis=1)])


@pytest.mark.parametrize("isa", NUMBERS, ids=lambda isa: isa.name)
def test_a_comparator_of_a_nan_and_a_number_loses_one_of_them(isa):
    skip_unless_run_here(isa)
    rows = np.array([[np.nan, 1.0], [1.0, np.nan]])
    out = emulator.run(lower(best(2), isa), rows, FLOAT_TYPES["float64"])
    assert np.isnan(out).all() or (out == 1.0).all()


def test_without_the_tools_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    isa = ISAS["riscv"]
    monkeypatch.setattr(emulator, "is_native", lambda machine: False)
    with pytest.raises(InputError, match="no riscv64-linux-gnu-gcc and no qemu-riscv64") as raised:
        emulator.run(lower(best(2), isa), np.zeros((1, 2), np.int64), KEY_TYPES["int64"])
    assert "apt install gcc-riscv64-linux-gnu qemu-user" in raised.value.hint
