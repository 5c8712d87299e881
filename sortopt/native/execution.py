"""Run a kernel's real instructions on keys, from Python, without an external compiler."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sortopt.base import InputError
from sortopt.model import FLOAT_TYPES, KEY_TYPES, Kernel, natural_key_type
from sortopt.native import emulator
from sortopt.native.code import Layout, module
from sortopt.native.emulator import is_native
from sortopt.native.process import Process
from sortopt.native.work import Assemble, Run


def execute(
    kernel: Kernel,
    rows: ArrayLike,
    *,
    columns: bool = False,
    process: Process | None = None,
) -> NDArray[Any]:
    """Return what the outputs hold after the machine code of `kernel`, one row an input.

    `rows` has shape (inputs, n); its dtype (int32, uint64 and so on) is the key type, and
    conditions are read as it needs them; plain Python integers become the kernel's natural type.
    With `columns`, a kernel of vector registers sorts one input in each of their lanes.  A kernel
    of another machine runs under an emulator, by rows.  Raises InputError where the CPU, the key
    type or the shape does not fit, and where there is no emulator.
    """
    keys = np.asarray(rows)
    if not isinstance(rows, np.ndarray):
        keys = keys.astype(natural_key_type(kernel).name)
    if keys.ndim != 2 or keys.shape[1] != kernel.n:
        raise InputError(f"keys have shape {keys.shape}, not (inputs, {kernel.n})")
    known = {**KEY_TYPES, **FLOAT_TYPES}
    if keys.dtype.name not in known:
        raise InputError(f"keys are {keys.dtype}", hint=f"use one of {', '.join(known)}")
    if not columns and not is_native(kernel.isa.machine):
        return emulator.run(kernel, keys, known[keys.dtype.name])
    text = module(
        [("kernel", kernel)],
        known[keys.dtype.name],
        Layout.COLUMNS if columns else Layout.ROWS,
    )
    if process is not None:
        return _run(process, kernel, text, keys, columns=columns)
    with Process() as own:
        return _run(own, kernel, text, keys, columns=columns)


def _run(
    process: Process, kernel: Kernel, text: str, keys: NDArray[Any], *, columns: bool
) -> NDArray[Any]:
    process.require(kernel.isa)
    process.ask(Assemble(text, ("kernel",)))
    inputs, outputs = len(keys), len(kernel.contract.outputs)
    if not columns:
        flat = process.ask(Run("kernel", keys.reshape(-1), inputs * outputs, inputs))
        return np.asarray(flat).reshape(inputs, outputs)
    lanes = kernel.isa.lanes(8 * keys.itemsize)
    blocks = -(-inputs // lanes)
    padded = np.zeros((blocks * lanes, kernel.n), keys.dtype)
    padded[:inputs] = keys
    by_lane = padded.reshape(blocks, lanes, kernel.n).swapaxes(1, 2).reshape(-1)
    out = process.ask(Run("kernel", by_lane, blocks * lanes * outputs, blocks))
    return np.asarray(
        out.reshape(blocks, outputs, lanes).swapaxes(1, 2).reshape(-1, outputs)[:inputs]
    )
