"""LLVM IR for native execution: a kernel applied to many groups of keys in one call.

Every function is `void f(ptr keys, ptr out, i64 count)`.  By rows, a group is n neighbouring
keys; by columns, a block holds as many groups as a register has lanes, lane by lane, and `count`
counts blocks (kernels of vector registers only).  `out` may be `keys`; kernels that sort a buffer
do so in `out`, which is to hold the keys.  Loops are unrolled fourfold, so that they weigh less.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum

from sortopt.base import InputError
from sortopt.emit import (
    Provenance,
    Request,
    allocation,
    assembly_of,
    body,
    held_type,
    inline_assembly,
    register_cells,
    whole_functions,
)
from sortopt.model import Kernel, KeyType, Place, for_keys


class Layout(Enum):
    """How groups lie in memory."""

    ROWS = "rows"
    COLUMNS = "columns"


def module(functions: Iterable[tuple[str, Kernel]], key: KeyType, layout: Layout) -> str:
    """Return LLVM IR with one function a kernel, under the names given.

    Raises InputError where a kernel cannot sort such keys, needs too many registers, or is to
    run by columns and does not work on vector registers.
    """
    parts = [_function(name, for_keys(kernel, key), key, layout) for name, kernel in functions]
    return "\n".join([*parts, _LOOP_METADATA])


_LOOP_METADATA = """\
!0 = distinct !{!0, !1, !2}
!1 = !{!"llvm.loop.align", i32 64}
!2 = !{!"llvm.loop.unroll.disable"}
"""

_UNROLLED = 4
"""The groups of an iteration, so that the loop itself weighs less."""


def check_room(kernel: Kernel) -> None:
    """Raise InputError where `kernel` needs registers that not every processor has.

    No register of an extension is ever assembled for execution, whatever this CPU has.
    """
    extension, most = kernel.isa.extension, assembly_of(kernel).most_registers
    needed = len(register_cells(kernel))
    if extension and needed > most:
        raise InputError(
            f"the kernel keeps {needed} cells in registers, but kernels run here without "
            f"{extension.name}, in {most} at most",
            hint=f"verify, optimize and emit to {whole_functions(kernel.isa.machine)} take more",
        )


def _function(name: str, kernel: Kernel, key: KeyType, layout: Layout) -> str:
    check_room(kernel)
    request = Request(kernel, name, key, Provenance())
    if layout is Layout.ROWS:
        width, step = kernel.n, body(request, "source", "target")
    else:
        width, step = kernel.n * kernel.isa.lanes(key.bits), _columns(kernel, key)
    written = len(kernel.contract.outputs) * (width // kernel.n)
    sizes = (width * key.bytes, written * key.bytes)
    lines = [
        f"define void @{name}(ptr %keys, ptr %out, i64 %count) align 64 {{",
        "entry:",
        *(f"  {line}" for line in allocation(request)),
        f"  %all = sdiv i64 %count, {_UNROLLED}",
        f"  %left = srem i64 %count, {_UNROLLED}",
        *_loop("many", _UNROLLED, ("all", "keys", "out"), sizes, step),
        *_loop("single", 1, ("left", "many_read", "many_write"), sizes, step),
        "  ret void",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _loop(
    label: str, groups: int, start: tuple[str, str, str], sizes: tuple[int, int], step: list[str]
) -> list[str]:
    """Return a loop that does `step` for `groups` groups an iteration.

    `start` names its number of iterations and the addresses to begin with, `sizes` the bytes of
    a group read and written; the addresses where it ends are called LABEL_read and LABEL_write.
    """
    count, keys, out = start
    before = "%entry" if label == "many" else "%many_done"
    read, write = sizes
    lines = [
        f"  %{label}_some = icmp sgt i64 %{count}, 0",
        f"  br i1 %{label}_some, label %{label}_loop, label %{label}_done",
        f"{label}_loop:",
        f"  %{label}_i = phi i64 [ 0, {before} ], [ %{label}_next, %{label}_loop ]",
        f"  %{label}_from = phi ptr [ %{keys}, {before} ], [ %{label}_from_next, %{label}_loop ]",
        f"  %{label}_to = phi ptr [ %{out}, {before} ], [ %{label}_to_next, %{label}_loop ]",
    ]
    for group in range(groups):
        mark = f"{label}{group}_"
        lines += [
            f"  %{mark}source = getelementptr i8, ptr %{label}_from, i64 {group * read}",
            f"  %{mark}target = getelementptr i8, ptr %{label}_to, i64 {group * write}",
            *("  " + _RENAMED.sub(f"%{mark}\\1", line) for line in step),
        ]
    return [
        *lines,
        f"  %{label}_from_next = getelementptr i8, ptr %{label}_from, i64 {groups * read}",
        f"  %{label}_to_next = getelementptr i8, ptr %{label}_to, i64 {groups * write}",
        f"  %{label}_next = add nuw nsw i64 %{label}_i, 1",
        f"  %{label}_more = icmp slt i64 %{label}_next, %{count}",
        f"  br i1 %{label}_more, label %{label}_loop, label %{label}_done, !llvm.loop !0",
        f"{label}_done:",
        f"  %{label}_read = phi ptr [ %{keys}, {before} ], [ %{label}_from_next, %{label}_loop ]",
        f"  %{label}_write = phi ptr [ %{out}, {before} ], [ %{label}_to_next, %{label}_loop ]",
    ]


_RENAMED = re.compile(r"%(?!m\b)(\w+)")
"""The values of one group's lines; %m, the array for memory cells, is the function's."""


def _columns(kernel: Kernel, key: KeyType) -> list[str]:
    """Return the lines that sort the groups of a block."""
    if kernel.isa.place is not Place.VECTOR:
        raise InputError(
            "only min/max kernels sort keys in the lanes of vector registers",
            hint="run kernels of conditional moves by rows",
        )
    held, lanes = held_type(kernel, key.bits), kernel.isa.lanes(key.bits)
    lines = []
    for i in range(kernel.n):
        lines.append(f"%p{i} = getelementptr inbounds i{key.bits}, ptr %source, i64 {i * lanes}")
        lines.append(f"%k{i} = load {held}, ptr %p{i}, align {key.bytes}")
    text, constraints = inline_assembly(kernel, key.bits)
    count = len(kernel.cells)
    made = "{ " + ", ".join([held] * count) + " }" if count > 1 else held
    arguments = ", ".join(f"{held} %k{i}" for i in range(kernel.n))
    lines.append(f'%result = call {made} asm "{text}", "{constraints}"({arguments})')
    for rank, cell in enumerate(kernel.contract.outputs):
        picked = f"extractvalue {made} %result, {cell}" if count > 1 else f"freeze {made} %result"
        lines.append(f"%o{rank} = {picked}")
        offset = f"i{key.bits}, ptr %target, i64 {rank * lanes}"
        lines.append(f"%q{rank} = getelementptr inbounds {offset}")
        lines.append(f"store {held} %o{rank}, ptr %q{rank}, align {key.bytes}")
    return lines
