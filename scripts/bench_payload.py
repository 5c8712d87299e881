#!/usr/bin/env python3
"""Time emitted functions that sort keys with payloads against what one would write otherwise.

    python scripts/bench_payload.py --results docs/results/payload.json
    python scripts/bench_payload.py --n 3 --rounds 51

Records are a key of 32 bits and a payload of 32 bits.  All are compiled into one C++ program; each
of its rounds gives all of them the same new random keys, beginning with another one every time.
Prints a Markdown table of medians; a star where the rounds show a difference from "ours".
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from subprocess import run
from tempfile import TemporaryDirectory
from typing import Any

import measured
import numpy as np
import tables

from sortopt.base import InputError
from sortopt.emit import Items, emit
from sortopt.native import compare, compiler
from sortopt.networks import Network, best, lower

RECORDS, ARRAYS = Items("uint32_t", "records"), Items("uint32_t")

PROGRAM = """
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
enum { N = %(n)d, GROUPS = 4000, ROUNDS = %(rounds)d };
struct Record { int32_t key; uint32_t payload; };
static Record fresh[GROUPS][N], records[GROUPS][N];
static int32_t keys[GROUPS][N];
static uint32_t payloads[GROUPS][N];
static bool less(const Record &a, const Record &b) { return a.key < b.key; }
static void insertion(Record *r) {
    for (int i = 1; i < N; i++) {
        Record moved = r[i];
        int j = i;
        for (; j > 0 && moved.key < r[j - 1].key; j--) r[j] = r[j - 1];
        r[j] = moved;
    }
}
static void fill() {
    memcpy(records, fresh, sizeof fresh);
    for (int g = 0; g < GROUPS; g++) for (int i = 0; i < N; i++) {
        keys[g][i] = fresh[g][i].key;
        payloads[g][i] = fresh[g][i].payload;
    }
}
static bool right(bool in_records) {
    for (int g = 0; g < GROUPS; g++) {
        std::sort(fresh[g], fresh[g] + N, less);
        for (int i = 0; i < N; i++) {
            int32_t key = in_records ? records[g][i].key : keys[g][i];
            uint32_t payload = in_records ? records[g][i].payload : payloads[g][i];
            if (key != fresh[g][i].key || payload != (uint32_t)key * 3) return false;
        }
    }
    return true;
}
template <class Sort> static double timed(Sort sort) {
    fill();
    auto start = std::chrono::steady_clock::now();
    for (int g = 0; g < GROUPS; g++) sort(g);
    std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
    static Record unsorted[GROUPS][N];
    memcpy(unsorted, fresh, sizeof fresh);
    if (!right(true) && !right(false)) exit(1);
    memcpy(fresh, unsorted, sizeof fresh);
    return taken.count() / GROUPS;
}
static double contender(int number) {
    switch (number) {
%(cases)s    }
    return 0;
}
int main() {
    std::mt19937 random(%(seed)d);
    for (int round = 0; round < ROUNDS; round++) {
        for (auto &group : fresh) for (Record &record : group) {
            record.key = (int32_t)random();
            record.payload = (uint32_t)record.key * 3;
        }
        double taken[%(count)d];
        for (int i = 0; i < %(count)d; i++) {
            int number = (i + round) %% %(count)d;
            taken[number] = contender(number);
        }
        for (double each : taken) printf("%%.17g ", each);
        puts("");
    }
}
"""


def stable(n: int) -> Network:
    """Return the network that exchanges neighbours only, as insertion sort would: a stable one."""
    return Network(n, tuple((j, j + 1) for i in range(n - 1) for j in range(i, -1, -1)))


def contenders(n: int) -> tuple[str, dict[str, str]]:
    """Return the source of our functions, and how each contender sorts group g, by its name."""
    text = "".join(
        [
            emit(lower(best(n)), "cpp", RECORDS, name="ours"),
            emit(lower(best(n)), "cpp", ARRAYS, name="arrays"),
            emit(lower(stable(n)), "cpp", RECORDS, name="stable"),
        ]
    )
    calls = {
        "ours": "ours((struct ours_record *)records[g])",
        "ours, plain form": "ours_plain((struct ours_record *)records[g])",
        "ours, two arrays": "arrays(keys[g], payloads[g])",
        "ours, stable": "stable((struct stable_record *)records[g])",
        "std::sort": "std::sort(records[g], records[g] + N, less)",
        "std::stable_sort": "std::stable_sort(records[g], records[g] + N, less)",
        "insertion sort": "insertion(records[g])",
    }
    if "ours_plain(" not in text:
        del calls["ours, plain form"]
    return text, calls


def figures(n: int, rounds: int, seed: int) -> Iterator[dict[str, Any]]:
    """Yield the median of each contender, in nanoseconds a sort, and its ratio to ours."""
    found = compiler.find("c++")
    if found is None:
        raise InputError("there is no C++ compiler", hint="install g++ or clang++, or set $CXX")
    text, calls = contenders(n)
    cases = "".join(
        f"        case {number}: return timed([](int g) {{ {call}; }});\n"
        for number, call in enumerate(calls.values())
    )
    fields = {"n": n, "rounds": rounds, "seed": seed, "cases": cases, "count": len(calls)}
    with TemporaryDirectory(prefix="sortopt-payload-") as folder:
        source, program = Path(folder) / "main.cpp", Path(folder) / "main"
        source.write_text(text + PROGRAM % fields, encoding="utf-8")
        flags = [*compiler.FLAGS, "-o", str(program)]
        run([*found.command, str(source), *flags], check=True)
        out = run([str(program)], capture_output=True, text=True, check=True).stdout
    times = np.array([line.split() for line in out.splitlines()], float).T
    verdicts = compare(times, [(0, number) for number in range(1, len(calls))])
    shown = [False, *(verdict.shown for verdict in verdicts)]
    for name, row, differs in zip(calls, times, shown, strict=True):
        yield {
            "n": n,
            "setting": "records of 4 + 4 bytes",
            "distribution": "random",
            "unit": "ns a sort",
            "name": name,
            "median": round(float(np.median(row)), 3),
            "ratio": round(float(np.median(row / times[0])), 3),
            "shown": differs,
            "compiler": found.version,
        }


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").split("\n")[0], epilog="Example: scripts/bench_payload.py --n 3"
    )
    parser.add_argument("--n", default="2,3,4,5,6,8", metavar="SIZES")
    parser.add_argument("--rounds", type=int, default=201)
    parser.add_argument("--seed", type=int, default=1)
    measured.add_options(parser)
    options = parser.parse_args(arguments)
    measured.check_options(options)
    every: list[dict[str, Any]] = []
    for n in map(int, options.n.split(",")):
        print(f"n = {n}", file=sys.stderr, flush=True)
        every += figures(n, options.rounds, options.seed)
        measured.result(options, every, ["scripts/bench_payload.py", *arguments])
    print(tables.timings(every))
    return 0


if __name__ == "__main__":
    measured.main(main)
