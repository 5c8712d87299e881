"""LLVM IR for native execution: a kernel applied to many groups of keys in one call.

Every function is `void f(ptr keys, ptr out, i64 count)`.  By rows, a group is n neighbouring
keys; by columns, a block holds four groups, lane by lane, and `count` counts blocks (min/max
kernels only).  `out` may be `keys`.  Loops are unrolled fourfold, so that they weigh less.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum

from sortopt.base import InputError
from sortopt.emit import (
    MOST_REGISTERS,
    KeyType,
    Provenance,
    Request,
    allocation,
    body,
    for_keys,
    inline_assembly,
    register_cells,
)
from sortopt.model import Kernel
from sortopt.targets import X86_CMOV, X86_MINMAX

LANES = 4
"""The 32-bit keys that a vector register holds."""


class Layout(Enum):
    """How groups lie in memory."""

    ROWS = "rows"
    COLUMNS = "columns"


def module(functions: Iterable[tuple[str, Kernel]], key: KeyType, layout: Layout) -> str:
    """Return LLVM IR with one function a kernel, under the names given.

    Raises InputError where a kernel cannot sort such keys, needs too many registers, or is to
    run by columns and is no min/max kernel.
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
    """Raise InputError where `kernel` needs more registers than x86-64 has without Intel APX.

    No register of Intel APX is ever assembled for execution, whatever this CPU has.
    """
    needed = len(register_cells(kernel))
    if kernel.isa is X86_CMOV and needed > MOST_REGISTERS:
        raise InputError(
            f"the kernel keeps {needed} cells in registers, but kernels run here without Intel "
            f"APX, in {MOST_REGISTERS} at most",
            hint="verify, optimize and emit to asm-intel or asm-att take more",
        )


def _function(name: str, kernel: Kernel, key: KeyType, layout: Layout) -> str:
    check_room(kernel)
    request = Request(kernel, name, key, Provenance())
    if layout is Layout.ROWS:
        width, step = kernel.n, body(request, "source", "target")
    else:
        width, step = kernel.n * LANES, _columns(kernel)
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


def _columns(kernel: Kernel) -> list[str]:
    """Return the lines that sort the four groups of a block."""
    if kernel.isa is not X86_MINMAX:
        raise InputError(
            "only min/max kernels sort keys in the lanes of vector registers",
            hint="run kernels of conditional moves by rows",
        )
    lines = []
    for i in range(kernel.n):
        lines.append(f"%p{i} = getelementptr inbounds i32, ptr %source, i64 {i * LANES}")
        lines.append(f"%k{i} = load <4 x i32>, ptr %p{i}, align 4")
    text, constraints = inline_assembly(kernel, 32)
    count = len(kernel.cells)
    made = "{ " + ", ".join(["<4 x i32>"] * count) + " }" if count > 1 else "<4 x i32>"
    arguments = ", ".join(f"<4 x i32> %k{i}" for i in range(kernel.n))
    lines.append(f'%result = call {made} asm "{text}", "{constraints}"({arguments})')
    for rank, cell in enumerate(kernel.contract.outputs):
        picked = f"extractvalue {made} %result, {cell}" if count > 1 else f"freeze {made} %result"
        lines.append(f"%o{rank} = {picked}")
        lines.append(f"%q{rank} = getelementptr inbounds i32, ptr %target, i64 {rank * LANES}")
        lines.append(f"store <4 x i32> %o{rank}, ptr %q{rank}, align 4")
    return lines
