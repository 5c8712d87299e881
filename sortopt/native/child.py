"""The child process: `python -m sortopt.native.child PARENT` answers pickled requests.

They come on its stdin; it ends with its parent, whose process number it is given.

It runs machine code, so a fault in it ends this process and not the user's.
"""

from __future__ import annotations

import gc
import os
import pickle
import sys
from time import perf_counter_ns
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from sortopt.base import end_with_parent
from sortopt.native import jit
from sortopt.native.work import (
    Assemble,
    Failure,
    Features,
    Load,
    Measure,
    Request,
    Run,
    draw,
    is_sorted,
)

WARM_UP_CALLS = 3
"""Untimed calls of each function before the first round."""

PLACES, CACHE_LINE = 64, 64
"""How many places for the keys there are, and how far they are apart, in bytes."""


class Child:
    """The functions assembled and loaded so far, and what to do with them."""

    def __init__(self) -> None:
        """Start with no functions; LLVM is set up when first needed."""
        self._assembler: jit.Assembler | None = None
        self._functions: dict[str, jit.Function] = {}

    def answer(self, request: Request) -> Any:
        """Do what is asked and return the answer; raises whatever goes wrong."""
        match request:
            case Features():
                return jit.features()
            case Assemble(text, names, known_as):
                self._assembler = self._assembler or jit.Assembler()
                made = self._assembler.assemble(text, names)
                self._functions.update(zip(known_as or names, made.values(), strict=True))
            case Load(path, symbols):
                self._functions.update(jit.load(path, dict(symbols)))
            case Run(name, keys, size, count):
                source, out = np.ascontiguousarray(keys), np.zeros(size, keys.dtype)
                if size == source.size:  # kernels that sort a buffer do so in `out`
                    out[:] = source
                self._functions[name](source.ctypes.data, out.ctypes.data, count)
                return out
            case Measure():
                return self._measure(request)
        return None

    def _measure(self, plan: Measure) -> NDArray[np.float64]:
        rng = np.random.default_rng(plan.seed)
        times = np.zeros((len(plan.functions), plan.rounds))
        copies = max(len(names) for names, _, _ in plan.functions)
        for turn in range(max(WARM_UP_CALLS, copies)):
            self._round(plan, rng, turn, check=turn < copies)
        gc.disable()
        for turn in range(plan.rounds):
            times[:, turn] = self._round(plan, rng, turn, check=False)
        gc.enable()
        return times

    def _round(
        self, plan: Measure, rng: np.random.Generator, turn: int, *, check: bool
    ) -> list[float]:
        """Call every function once, in random order, and return the nanoseconds each took.

        The keys lie at the same place for all, another one in every round: where code and data
        lie makes a difference, which must not fall to any one of them.
        """
        drawn = {w: draw(w, rng) for w in dict.fromkeys(w for _, w, _ in plan.functions)}
        most = max(keys.nbytes for keys in drawn.values())
        memory = np.zeros(most + PLACES * CACHE_LINE, np.uint8)
        start_of_keys = CACHE_LINE * int(rng.integers(PLACES))
        taken = [0.0] * len(plan.functions)
        for index in rng.permutation(len(plan.functions)):
            names, workload, count = plan.functions[index]
            name = names[turn % len(names)]
            keys, function = drawn[workload], self._functions[name]
            buffer = memory[start_of_keys : start_of_keys + keys.nbytes].view(keys.dtype)
            buffer[:] = keys
            address = buffer.ctypes.data
            start = perf_counter_ns()
            function(address, address, count)
            taken[index] = perf_counter_ns() - start
            if check and not is_sorted(workload, buffer, keys):
                raise ValueError(f"{name} did not sort {workload.distribution} keys")
        return taken


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until there are no more."""
    child = Child()
    while True:
        try:
            request = pickle.load(requests)
        except EOFError:
            return
        try:
            answer = child.answer(request)
        except Exception as error:
            answer = Failure(f"{type(error).__name__}: {error}")
        pickle.dump(answer, answers)
        answers.flush()


if __name__ == "__main__":
    end_with_parent(int(sys.argv[1]))
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever libraries print must not mix with the answers
    serve(sys.stdin.buffer, replies)
