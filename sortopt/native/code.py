"""LLVM IR for native execution: a kernel applied to many groups of keys in one call.

Every function is `void f(ptr keys, ptr out, i64 count)`.  By rows, a group is n neighbouring
keys; by columns, a block holds four groups, lane by lane, and `count` counts blocks (min/max
kernels only).  `out` may be `keys`.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from sortopt.emit.keys import KeyType, for_keys
from sortopt.emit.llvm import allocation, body, inline_assembly
from sortopt.emit.request import Provenance, Request
from sortopt.errors import InputError
from sortopt.isa import X86_MINMAX
from sortopt.kernel import Kernel

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


def _function(name: str, kernel: Kernel, key: KeyType, layout: Layout) -> str:
    request = Request(kernel, name, key, Provenance())
    if layout is Layout.ROWS:
        width, step = kernel.n, body(request, "source", "target")
    else:
        width, step = kernel.n * LANES, _columns(kernel)
    written = len(kernel.contract.outputs) * (width // kernel.n)
    lines = [
        f"define void @{name}(ptr %keys, ptr %out, i64 %count) align 64 {{",
        "entry:",
        *(f"  {line}" for line in allocation(request)),
        "  %some = icmp sgt i64 %count, 0",
        "  br i1 %some, label %loop, label %done",
        "loop:",
        "  %group = phi i64 [ 0, %entry ], [ %next, %loop ]",
        f"  %read = mul nuw nsw i64 %group, {width}",
        f"  %source = getelementptr inbounds i{key.bits}, ptr %keys, i64 %read",
        f"  %write = mul nuw nsw i64 %group, {written}",
        f"  %target = getelementptr inbounds i{key.bits}, ptr %out, i64 %write",
        *(f"  {line}" for line in step),
        "  %next = add nuw nsw i64 %group, 1",
        "  %more = icmp slt i64 %next, %count",
        "  br i1 %more, label %loop, label %done, !llvm.loop !0",
        "done:",
        "  ret void",
        "}",
    ]
    return "\n".join(lines) + "\n"


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
