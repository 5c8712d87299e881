"""Python: functions over NumPy rows, compiled by Numba where the module is imported."""

from __future__ import annotations

from sortopt.emit.c import used_keys
from sortopt.emit.header import comment
from sortopt.emit.plain import Choice, Less, plain
from sortopt.emit.request import Request

SUFFIX = ".py"
"""How a file of this target is called."""


def emit(request: Request) -> str:
    """Return the module as text: `NAME` for one row, `NAME_rows` for every row of an array."""
    form, name = plain(request.kernel), request.name
    parameters = "keys" if request.in_place else "keys, out"
    target = "keys" if request.in_place else "out"
    lines = [f"k{i} = keys[{i}]" for i in used_keys(form, request.kernel.n)]
    for statement in form.statements:
        match statement:
            case Less(made, left, right):
                lines.append(f"{made} = {left} < {right}")
            case Choice(made, tests, then, otherwise):
                lines.append(f"{made} = {then} if {' or '.join(tests)} else {otherwise}")
    lines += [f"{target}[{rank}] = {made}" for rank, made in enumerate(form.outputs)]
    body = "".join(f"    {line}\n" for line in lines)
    row = "keys[row]" if request.in_place else "keys[row], out[row]"
    where = "in place" if request.in_place else "into the same row of `out`"
    return (
        f"{comment(request, '#')}\nimport numba\n\n\n"
        f"@numba.njit\ndef {name}({parameters}):\n"
        f'    """Run the kernel on one row of keys, {where}."""\n{body}'
        f"\n\n@numba.njit\ndef {name}_rows({parameters}):\n"
        f'    """Do the same to every row of a two-dimensional array, {where}."""\n'
        f"    for row in range(keys.shape[0]):\n        {name}({row})\n"
    )
