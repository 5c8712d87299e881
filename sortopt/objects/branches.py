"""Functions that branch: read as far as their paths can be followed, for proofs over each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from sortopt.base import InputError
from sortopt.formats import (
    Dialect,
    Header,
    KernelFile,
    Options,
    to_file,
)
from sortopt.model import Branching, Fork, Instr, Stretch
from sortopt.objects.decode import Code, Decoded, elsewhere
from sortopt.objects.paths import Part, Walked, walk

_MEMORY = re.compile(r"\[[^]]*\]|\([^)]*\)")


class Branches(InputError):
    """A function branches where a kernel is wanted; `branching` is what proofs judge.

    `file` says of it what is said of a kernel's file.
    """

    def __init__(self, file: KernelFile, branching: Branching, jump: Decoded, code: Code) -> None:
        at, machine = code.places(jump).mnemonic, code.function.machine
        what = "is a jump" if elsewhere(jump, machine) else "makes a number of a condition"
        super().__init__(
            f"{jump.mnemonic} {what}, which is outside the model",
            hint="sortopt verify follows every path; a kernel is straight-line code: gcc makes it "
            "of std::min, std::max and ?: with -O1, or with -O2 -fno-thread-jumps",
            source=at.source,
            span=at.span,
        )
        self.file = file
        self.branching = branching


def read_branches(
    code: Code, jump: Decoded, header: Header, dialect: Dialect, options: Options, because: str,
    naming: str | None,
) -> Branches:  # fmt: skip
    """Return what a function is that branches, first at `jump`; raises InputError as `walk`."""
    named = options.inputs or (header.values["inputs"].text if "inputs" in header.values else "")
    words = re.findall(r"\w+", _MEMORY.sub(" ", named.lower()))
    registers = code.function.machine.registers
    keys = frozenset(registers[word].family for word in words if word in registers)
    walked = walk(code, keys, distinct=options.distinct)
    if not named:
        options = replace(options, inputs=_cells(walked))
    file = to_file(walked.settled, header, dialect, options, because=because, naming=naming)
    start = _stretch(walked.start, iter(file.kernel.instructions))
    branching = Branching(file.kernel, start, walked.jumps, walked.paths, walked.longest)
    file = replace(file, plain=False, breaches=walked.breaches)
    return Branches(file, branching, jump, code)


def _cells(walked: Walked) -> str | None:
    """Return the names of the cells that are loaded or stored on some path.

    None where they are not those of one buffer from its beginning on: then nobody knows which keys
    are meant.
    """
    operands = [o for parsed in walked.settled.program for o in parsed.operands]
    cells = {o.address.offset: o.name for o in operands if o.address}
    bases = {o.address.base for o in operands if o.address}
    size = (walked.settled.width or 0) // 8
    if len(bases) != 1 or sorted(cells) != [size * i for i in range(len(cells))]:
        return None
    return " ".join(cells[offset] for offset in sorted(cells))


def _stretch(part: Part, instructions: Iterator[Instr]) -> Stretch:
    """Return a part with the next of `instructions`, which are those of all parts in turn."""
    own = tuple(next(instructions) for _ in part.program)
    jump = part.jump
    if jump is None:
        return Stretch(own)
    taken, passed = (
        None if side is None else _stretch(side, instructions) for side in (jump.taken, jump.passed)
    )
    return Stretch(own, Fork(jump.condition, jump.at.text.lower(), jump.at.line, taken, passed))
