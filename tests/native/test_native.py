import os
from dataclasses import replace

import corpus
import numpy as np
import places
import pytest
from compiled import expected_rows, keys_of, samples, skip_unless_run_here
from kernels_by_hand import (
    ALPHADEV3,
    ALPHADEV5,
    FAILS_ON_TIES,
    IN_MEMORY3,
    MEDIAN3,
    MINMAX3,
    NETWORK8,
    SORT2,
    UNSIGNED2,
    compact,
)

from sortopt.api import emit
from sortopt.base import Budget
from sortopt.base.errors import InputError, LimitReached
from sortopt.model import KEY_TYPES, natural_key_type
from sortopt.model import interpreter as machine
from sortopt.model.orders import weak_orders
from sortopt.native import execute, rank
from sortopt.native.code import Layout, module
from sortopt.native.options import DISTRIBUTIONS
from sortopt.native.process import NativeError, Process
from sortopt.native.work import Assemble, Measure, Run, Workload, draw, is_sorted
from sortopt.networks import buffer, in_memory
from sortopt.targets import X86_MINMAX

KERNELS = {
    "sort2": SORT2,
    "unsigned2": UNSIGNED2,
    "alphadev3": ALPHADEV3,
    "alphadev5": ALPHADEV5,
    "network8": NETWORK8,
    "memory3": IN_MEMORY3,
    "median3": MEDIAN3,
    "minmax3": MINMAX3,
}


@pytest.fixture(scope="module")
def process():
    with Process() as running:
        yield running


@pytest.mark.parametrize("key", KEY_TYPES)
@pytest.mark.parametrize("name", KERNELS)
def test_native_sorts_every_key_type(process, name, key):
    kernel = KERNELS[name]
    if key not in keys_of(kernel):
        with pytest.raises(InputError, match="-bit keys, not"):
            execute(kernel, np.zeros((1, kernel.n), key), process=process)
        return
    rows = samples(kernel, KEY_TYPES[key])
    assert np.array_equal(execute(kernel, rows, process=process), expected_rows(kernel, rows))


def inputs_of(kernel):
    """Return all weak orders (of up to 5 keys, else a sample) and full-width random keys."""
    orders = weak_orders(kernel.n)
    orders = orders if kernel.n < 6 else orders[:: len(orders) // 500]
    random, size, key = np.random.default_rng(7), (200, kernel.n), natural_key_type(kernel).name
    if kernel.isa.floating:
        drawn = random.standard_normal(size)
    else:
        info = np.iinfo(key)
        drawn = random.integers(info.min, info.max, size, endpoint=True)
    return np.concatenate([np.array(orders), drawn]).astype(key)


def assert_native_equals_interpreter(process, kernel, **options):
    rows = inputs_of(kernel)
    native = execute(kernel, rows, process=process, **options)
    for row, got in zip(rows.tolist(), native.tolist(), strict=True):
        for value, want in zip(got, machine.run(kernel, row), strict=True):
            assert want is None or value == want, (row, got)


@pytest.mark.parametrize("entry", corpus.load(places.KERNELS).entries, ids=lambda entry: entry.name)
def test_native_equals_interpreter_on_every_kernel_of_the_corpus(process, entry):
    skip_unless_run_here(entry.kernel.isa)
    assert_native_equals_interpreter(process, entry.kernel)


def test_native_equals_interpreter_on_a_wrong_kernel(process):
    assert_native_equals_interpreter(process, FAILS_ON_TIES)


def test_min_max_kernel_sorts_lane_by_lane(process):
    rows = samples(MINMAX3, KEY_TYPES["int32"])[:1001]
    out = execute(MINMAX3, rows, columns=True, process=process)
    assert np.array_equal(out, np.sort(rows, axis=1))


def test_columns_are_refused_for_conditional_moves(process):
    with pytest.raises(InputError, match="only min/max kernels"):
        execute(SORT2, np.zeros((4, 2), np.int32), columns=True, process=process)


def test_plain_integers_become_the_natural_key_type():
    assert execute(UNSIGNED2, [[5, 2**32 - 1], [7, 6]]).tolist() == [[5, 2**32 - 1], [6, 7]]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (np.zeros((2, 3), np.int32), r"shape \(2, 3\), not \(inputs, 2\)"),
        (np.zeros(2, np.int32), "shape"),
        (np.zeros((2, 2), np.float64), "cmovl reads keys as integers, but float64 keys"),
    ],
    ids=["width", "flat", "floats"],
)
def test_keys_that_do_not_fit_are_refused(process, rows, message):
    with pytest.raises(InputError, match=message):
        execute(SORT2, rows, process=process)


def test_nothing_is_executed_for_no_rows(process):
    assert execute(SORT2, np.zeros((0, 2), np.int64), process=process).shape == (0, 2)


def test_a_cpu_without_a_needed_feature_is_told_so(process):
    future = replace(MINMAX3, isa=replace(X86_MINMAX, feature="sse99"))
    with pytest.raises(InputError, match="lacks SSE99, which x86-minmax kernels need"):
        execute(future, np.zeros((1, 3), np.int32), process=process)


def test_a_kernel_of_another_machine_is_not_run(process):
    machine = replace(X86_MINMAX.machine, name="elsewhere", aliases=("elsewhere",))
    elsewhere = replace(MINMAX3, isa=replace(X86_MINMAX, machine=machine))
    with pytest.raises(InputError, match="elsewhere kernels do not run here: this is x86_64"):
        execute(elsewhere, np.zeros((1, 3), np.int32), process=process)


def test_another_architecture_is_told_so(monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    with pytest.raises(InputError, match="x86-64 kernels do not run here: this is aarch64"):
        execute(SORT2, [[1, 2]])


def test_assembly_that_llvm_cannot_read_ends_the_child_and_not_us():
    text = module([("kernel", SORT2)], KEY_TYPES["int32"], Layout.ROWS)
    with Process() as own, pytest.raises(NativeError, match="the child process ended"):
        own.ask(Assemble(text.replace("cmovl", "cmovwhat"), ("kernel",)))


def assemble_and_measure(process, rounds):
    """Ask for the times of a kernel of two keys."""
    work = Workload("random", 2, 8192, "int32")
    process.ask(Assemble(module([("k", SORT2)], KEY_TYPES["int32"], Layout.ROWS), ("k",)))
    return process.ask(Measure(((("k",), work, 8192),), rounds, 0))


def test_a_child_ends_with_its_budget():
    """What it is asked for would take more than a quarter of an hour."""
    with Process(Budget(0.5)) as own, pytest.raises(LimitReached, match="the time limit of"):
        assemble_and_measure(own, rounds=10_000_000)
    assert own._child.poll() is not None


def test_an_unknown_function_is_a_failure_with_a_message(process):
    with pytest.raises(NativeError, match="KeyError"):
        process.ask(Run("nobody", np.zeros(1, np.int32), 1, 1))


def test_the_child_does_not_import_from_the_current_folder(tmp_path, monkeypatch):
    (tmp_path / "numpy.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    assert execute(SORT2, [[2, 1]]).tolist() == [[1, 2]]
    assert os.listdir(tmp_path) == ["numpy.py"]


def test_measuring_gives_a_time_for_every_function_and_round(process):
    text = module([("a", SORT2), ("b", SORT2)], KEY_TYPES["int32"], Layout.ROWS)
    process.ask(Assemble(text, ("a", "b")))
    work = Workload("random", 2, 64, "int32")
    times = process.ask(Measure(((("a",), work, 64), (("b", "a"), work, 64)), rounds=5, seed=1))
    assert times.shape == (2, 5)
    assert (times > 0).all()


def test_measuring_a_function_that_does_not_sort_fails(process):
    idle = compact("m31 m13", "12", "12")
    process.ask(Assemble(module([("idle", idle)], KEY_TYPES["int32"], Layout.ROWS), ("idle",)))
    work = Workload("random", 2, 64, "int32")
    with pytest.raises(NativeError, match="idle did not sort random keys"):
        process.ask(Measure(((("idle",), work, 64),), rounds=1, seed=1))


@pytest.mark.parametrize("lanes", [1, 4])
@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_keys_are_drawn_as_the_distribution_says(distribution, lanes):
    work = Workload(distribution, 5, 64, "int64", lanes)
    keys = draw(work, np.random.default_rng(3))
    assert keys.shape == (320,)
    groups = keys.reshape(-1, 5, lanes).swapaxes(1, 2).reshape(64, 5)
    ascending = (np.diff(groups.astype(object)) >= 0).all()
    descending = (np.diff(groups.astype(object)) <= 0).all()
    assert ascending == (distribution == "sorted")
    assert descending == (distribution == "reversed")
    assert (len(np.unique(keys)) <= 3) == (distribution == "few")
    assert is_sorted(work, keys, keys) == (distribution == "sorted")


def test_a_buffer_is_sorted_where_it_lies_and_nothing_behind_it_is_touched(process):
    text = module([("buffer", IN_MEMORY3)], KEY_TYPES["int32"], Layout.ROWS)
    assert "alloca" not in text
    process.ask(Assemble(text, ("buffer",)))
    keys = np.array([3, 1, 2, 9, 7, 8, 5, 4], np.int32)
    assert process.ask(Run("buffer", keys, 8, 2)).tolist() == [1, 2, 3, 7, 8, 9, 5, 4]


@pytest.mark.parametrize("target", ["asm-intel", "llvm", "rust"])
def test_vectors_in_memory_are_no_keys_of_a_buffer(target):
    places = buffer(MINMAX3)
    kernel = in_memory(MINMAX3, places, places)
    with pytest.raises(InputError, match="read whole vectors from memory"):
        rank([kernel], "measured")
    with pytest.raises(InputError, match="read whole vectors from memory"):
        emit(kernel, target)
    assert "sort3_vectors" in emit(kernel, "c")
