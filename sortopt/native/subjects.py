"""What a benchmark compares: kernels under test, and the rivals written for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from itertools import permutations
from types import MappingProxyType

from sortopt.base import InputError
from sortopt.emit import Provenance, Request, c
from sortopt.formats import parse
from sortopt.model import ALWAYS, Kernel, KeyType, for_keys
from sortopt.native.code import check_room
from sortopt.networks import best, lower
from sortopt.targets import X86_CMOV, X86_MINMAX

_DATA = resources.files("sortopt") / "data"


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that sorts `n` keys: its name, what it is, and its source.

    `language` is "c" or "c++", `source` defines the function or macro that `call` names, to be
    called with a pointer to n keys.  `kernel` is None for what is no kernel.  With several
    `lanes` it sorts as many groups lane by lane, standalone only.
    """

    name: str
    kind: str
    n: int
    language: str
    source: str
    call: str
    kernel: Kernel | None = None
    lanes: int = 1

    @property
    def columns(self) -> bool:
        """Whether it sorts groups that lie lane by lane."""
        return self.lanes > 1


def of_kernel(name: str, kernel: Kernel, key: KeyType, kind: str = "kernel") -> list[Subject]:
    """Return the subject that runs `kernel`; on vector registers also the one by columns.

    Raises InputError where the kernel needs a precondition or does not sort: the keys it would
    be timed on are arbitrary integers.
    """
    contract = kernel.contract
    if kernel.isa.floating:
        raise InputError(
            f"{name} sorts floating-point numbers, and bench times kernels on integers",
            hint="sortopt show names the critical path",
        )
    if contract.goal.name != "sort" or contract.precondition:
        wanted = str(contract.precondition or contract.goal)
        raise InputError(
            f"{name} cannot be timed on arbitrary keys: it promises {contract.goal}"
            + (f" given {wanted}" if contract.precondition else ""),
            hint="bench takes kernels that sort without a precondition",
        )
    check_room(kernel)
    request = Request(for_keys(kernel, key), "kernel", key, Provenance())
    source = c.includes([kernel]) + c.functions(request)
    found = [Subject(name, kind, kernel.n, "c", source, "kernel", kernel)]
    lanes = kernel.isa.lanes(key.bits)
    if lanes > 1:
        by_lanes, call = f"{kind}, {lanes} groups by lanes", f"kernel_x{lanes}"
        found.append(
            Subject(f"{name} x{lanes}", by_lanes, kernel.n, "c", source, call, kernel, lanes)
        )
    return found


def harness(subject: Subject, key: KeyType) -> str:
    """Return the whole source of `subject` with the functions that are timed."""
    text = (_DATA / "bench" / "harness.h").read_text("utf-8")
    cast = f"({key.c_name} (*)[{subject.lanes}])" if subject.columns else ""
    return (
        f"#include <stdint.h>\n#define KEY {key.c_name}\n#define N {subject.n}\n"
        f"#define STRIDE {subject.lanes} * N\n{subject.source}\n"
        f"#define SORT(p) {subject.call}({cast}(p))\n{text}"
    )


def _network(n: int, key: KeyType) -> list[Subject]:
    return of_kernel("network", lower(best(n), X86_CMOV), key, "plain network lowering")


def _network_min_max(n: int, key: KeyType) -> list[Subject]:
    if key.bits not in X86_MINMAX.key_bits:
        return []
    return of_kernel("network min/max", lower(best(n), X86_MINMAX), key, "plain network lowering")


def _of_files(folder: str, key: KeyType, name: str, kind: str, n: int) -> list[Subject]:
    """Return the kernels for `n` keys in a folder of the corpus; `name` has a place for whose."""
    found = []
    for path in sorted((_DATA / "kernels" / folder).iterdir(), key=lambda path: path.name):
        who, _, size = path.name.partition(".")[0].rpartition("-")
        if size == f"sort{n}":
            kernel = parse(path.read_text("utf-8"), name=path.name).kernel
            found += of_kernel(name.format(who), kernel, key, kind)
    return found


def _alphadev(n: int, key: KeyType) -> list[Subject]:
    return _of_files("alphadev", key, "alphadev", "AlphaDev's kernel", n)


def _memory(n: int, key: KeyType) -> list[Subject]:
    if key.bits != 32:
        return []
    return _of_files("memory", key, "memory, {}", "kernel with memory operands", n)


def _shuffle(n: int, key: KeyType) -> list[Subject]:
    if key.bits != 32 or n not in _COMPARED:
        return []
    text = (_DATA / "bench" / f"shuffle{n}.h").read_text("utf-8")
    rows = ", ".join(f"{{{', '.join(map(str, row))}}}" for row in shuffles(n))
    source = f"#define SIGNED {int(key.signed)}\n#define SHUFFLES {rows}\n{text}"
    return [Subject("shuffle", "a shuffle from a table, by comparisons", n, "c", source, "shuffle")]


_COMPARED = {
    3: ((0, 1), (1, 2), (2, 0)),
    4: ((0, 1), (1, 2), (2, 3), (3, 0), (0, 2), (1, 3)),
}
"""Which lanes the shuffles of so many keys compare: bit k is set where the first is greater."""


def shuffles(n: int) -> list[tuple[int, ...]]:
    """Return the bytes of the shuffle that sorts n lanes, for each outcome of the comparisons."""
    table = []
    for outcome in range(1 << len(_COMPARED[n])):
        orders = [
            order
            for order in ALWAYS.orders(n)
            if outcome == sum((order[i] > order[j]) << k for k, (i, j) in enumerate(_COMPARED[n]))
        ]
        lanes = next(
            lanes
            for lanes in permutations(range(n))
            if all([order[lane] for lane in lanes] == sorted(order) for order in orders)
        )
        all_lanes = (*lanes, *range(n, 4))
        table.append(tuple(4 * lane + byte for lane in all_lanes for byte in range(4)))
    return table


def _insertion(n: int, key: KeyType) -> list[Subject]:
    source = (
        f"static inline void insertion({key.c_name} *keys)\n{{\n"
        f"    for (int i = 1; i < {n}; i++) {{\n"
        f"        const {key.c_name} moving = keys[i];\n        int j = i;\n"
        f"        for (; j > 0 && moving < keys[j - 1]; j--)\n            keys[j] = keys[j - 1];\n"
        f"        keys[j] = moving;\n    }}\n}}\n"
    )
    return [Subject("insertion", "insertion sort in C", n, "c", source, "insertion")]


def _ternary(n: int, key: KeyType) -> list[Subject]:
    kind = key.c_name
    steps = "".join(
        f"    low = k{i} < k{j} ? k{i} : k{j}; k{j} = k{i} < k{j} ? k{j} : k{i}; k{i} = low;\n"
        for i, j in best(n).comparators
    )
    loads = "".join(f"    {kind} k{i} = keys[{i}];\n" for i in range(n))
    stores = "".join(f"    keys[{i}] = k{i};\n" for i in range(n))
    source = (
        f"static inline void ternary({kind} *keys)\n{{\n{loads}    {kind} low;\n{steps}{stores}}}\n"
    )
    return [Subject("ternary", "network of ternaries in C", n, "c", source, "ternary")]


def _std_sort(n: int, key: KeyType) -> list[Subject]:
    source = (
        "#include <algorithm>\n"
        f"static inline void std_sort({key.c_name} *keys) {{ std::sort(keys, keys + {n}); }}\n"
    )
    return [Subject("std::sort", "std::sort in C++", n, "c++", source, "std_sort")]


RIVALS: Mapping[str, Callable[[int, KeyType], list[Subject]]] = MappingProxyType(
    {
        "network": _network,
        "minmax": _network_min_max,
        "alphadev": _alphadev,
        "memory": _memory,
        "shuffle": _shuffle,
        "insertion": _insertion,
        "ternary": _ternary,
        "std": _std_sort,
    }
)
"""The built-in rivals by name; each gives the subjects it has for n keys of a type, maybe none."""


def rivals(names: tuple[str, ...], n: int, key: KeyType) -> list[Subject]:
    """Return the subjects of the rivals called `names` ("all" for each); raises InputError."""
    chosen: dict[str, None] = {}
    for name in names:
        if name != "all" and name not in RIVALS:
            raise InputError(
                f"unknown rival {name!r}", hint=f"use all, or some of {', '.join(RIVALS)}"
            )
        chosen.update(dict.fromkeys(RIVALS if name == "all" else [name]))
    return [subject for name in chosen for subject in RIVALS[name](n, key)]
