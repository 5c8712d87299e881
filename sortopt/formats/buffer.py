"""The contract of a kernel that sorts a buffer: read off its loads and stores where they tell it.

The cells read before anything is written to them hold the keys, in the order of their addresses;
the cells written are the outputs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sortopt.formats import memory
from sortopt.formats.dialect import Address, Operand, Parsed
from sortopt.formats.storage import access_width
from sortopt.model import Goal


def touched(program: Sequence[Parsed]) -> tuple[dict[int, Operand], dict[int, Operand]]:
    """Return the memory cells read before they are written, and those written, by offset.

    Nothing where they are of several buffers.
    """
    loaded, stored = _touched(program)
    return _by_offset(loaded), _by_offset(stored)


def naming_several(program: Sequence[Parsed]) -> str | None:
    """Return options that name the cells of a program that sorts behind several pointers.

    None where there is one pointer, or what it loads is not what it stores.
    """
    loaded, stored = _touched(program)
    if len({address.base for address in loaded}) < 2 or loaded.keys() != stored.keys():
        return None
    cells = " ".join(cell.name for cell in loaded.values())
    return f'--inputs "{cells}" and --outputs "{cells}"'


def _touched(
    program: Sequence[Parsed],
) -> tuple[dict[Address, Operand], dict[Address, Operand]]:
    loaded: dict[Address, Operand] = {}
    stored: dict[Address, Operand] = {}
    for parsed in program:
        for operand in parsed.reads:
            if operand.address and operand.address not in stored:
                loaded.setdefault(operand.address, operand)
        if parsed.writes is not None and parsed.writes.address:
            stored.setdefault(parsed.writes.address, parsed.writes)
    return loaded, stored


def _by_offset(cells: dict[Address, Operand]) -> dict[int, Operand]:
    alone = len({address.base for address in cells}) == 1
    return {address.offset: cell for address, cell in cells.items() if alone}


def infer_inputs(program: Sequence[Parsed]) -> tuple[Operand, ...]:
    """Return the input cells of a buffer kernel, least address first; () where it loads nothing.

    Raises InputError where they begin below the buffer's address or leave a cell out.
    """
    loaded, _ = touched(program)
    if not loaded:
        return ()
    size, machine = _size(program), program[0].mnemonic.isa.machine
    least = min(loaded)
    if least < 0:
        raise loaded[least].token.fault(
            f"{loaded[least].name} lies before the buffer",
            "if that is meant, name the cells of the keys with --inputs",
        )
    for number, offset in enumerate(sorted(loaded)):
        if offset != number * size:
            gap = loaded[offset]
            assert gap.address
            missing = memory.written(machine.part(gap.address.base, 64), number * size)
            raise gap.token.fault(
                f"this reads {gap.name}, but nothing reads {missing} before it is written",
                "so the cells of the keys are not plain: name them with --inputs",
            )
    return tuple(loaded[offset] for offset in sorted(loaded))


def infer_outputs(
    program: Sequence[Parsed], inputs: Sequence[Operand], goal: Goal
) -> tuple[Operand, ...]:
    """Return the output cells of a buffer kernel, least key first; () where they are not plain.

    They are the cells written where those are as many as the goal needs; a kernel that sorts in
    place may leave cells as they are.
    """
    _, stored = touched(program)
    cells = {o.address.offset: o for o in inputs if o.address}
    if not stored or len(cells) != len(inputs):
        return ()
    wanted = len(goal.ranks(len(inputs)))
    if wanted == len(stored):
        return tuple(stored[offset] for offset in sorted(stored))
    within = {o.name for o in stored.values()} <= {o.name for o in cells.values()}
    if wanted == len(cells) and within:
        return tuple(cells[offset] for offset in sorted(cells))
    return ()


def _size(program: Sequence[Parsed]) -> int:
    """Return the size of a memory cell in bytes."""
    widths = (access_width(p) for p in program if any(o.address for o in p.operands))
    return next(width for width in widths if width is not None) // 8


def check_bounds(program: Sequence[Parsed], contract: Sequence[Operand]) -> None:
    """Refuse memory that the contract does not name: nothing is known of what lies there.

    Raises InputError at the first such access.
    """
    named = {o.name for o in contract if o.address}
    for parsed in program:
        for operand in (o for o in parsed.operands if o.address and o.name not in named):
            known = f" (its cells are {' '.join(_sorted(contract))})" if named else ""
            if operand is parsed.writes:
                raise operand.token.fault(
                    f"{operand.name} lies outside the buffer{known}",
                    "a kernel writes to its outputs only; name them all",
                )
            raise operand.token.fault(
                f"{operand.name} holds no key: it is no input{known}, and nothing was written to "
                "it before",
                "name it among the inputs",
            )


def _sorted(contract: Sequence[Operand]) -> Iterator[str]:
    cells = {o.address.offset: o.name for o in contract if o.address}
    return (cells[offset] for offset in sorted(cells))
