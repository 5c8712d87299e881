"""Functions that branch: read as far as their paths can be followed, for proofs over each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from sortopt.base import InputError, Source
from sortopt.formats import Dialect, Header, KernelFile, Options, Token, to_file
from sortopt.model import Branching, Fork, Instr, Isa, Stretch
from sortopt.objects.decode import Code, Decoded, elsewhere
from sortopt.objects.lengths import beyond, key_cells, known_on_entry, parse_lengths
from sortopt.objects.paths import Part, Walked, walk

_MEMORY = re.compile(r"\[[^]]*\]|\([^)]*\)")


class Branches(InputError):
    """A function branches where a kernel is wanted; `branching` is what proofs judge.

    `file` says of it what is said of a kernel's file.
    """

    def __init__(
        self, file: KernelFile, branching: Branching, jump: Decoded | None, code: Code
    ) -> None:
        self.file = file
        self.branching = branching
        if jump is None:
            super().__init__("a kernel has no length that it is given", hint="leave out the length")
            return
        at, machine = code.places(jump).mnemonic, code.function.machine
        what = "is a jump" if elsewhere(jump, machine) else "makes a number of a condition"
        super().__init__(
            f"{jump.mnemonic} {what}, which is outside the model",
            hint="sortopt verify follows every path; a kernel is straight-line code: gcc makes it "
            "of std::min, std::max and ?: with -O1, or with -O2 -fno-thread-jumps",
            source=at.source,
            span=at.span,
        )


def read_branches(
    code: Code, jump: Decoded | None, header: Header, dialect: Dialect, options: Options,
    because: str, naming: str | None,
) -> Branches:  # fmt: skip
    """Return what a function is that branches, first at `jump`; raises InputError as `walk`.

    One that is given a length may have no jump.
    """
    named = options.inputs or (header.values["inputs"].text if "inputs" in header.values else "")
    words = re.findall(r"\w+", _MEMORY.sub(" ", named.lower()))
    machine = code.function.machine
    registers = machine.registers
    keys = frozenset(registers[word].family for word in words if word in registers)
    known = known_on_entry(parse_lengths(options.length), machine) if options.length else None
    walked = walk(code, keys, distinct=options.distinct, length=known, budget=options.budget)
    breaches = walked.breaches
    if known:
        cells = key_cells(known, walked, machine)
        breaches += tuple(beyond(known, cells, walked))
        options = replace(options, inputs=" ".join(cells), outputs=" ".join(cells))
        header = header if walked.settled.program else _of(walked.isa, header)
    elif not named:
        options = replace(options, inputs=_cells(walked))
    file = to_file(
        walked.settled, header, dialect, options, because=because, naming=naming,
        bounded=known is None,
    )  # fmt: skip
    start = _stretch(walked.start, iter(file.kernel.instructions))
    branching = Branching(file.kernel, start, walked.jumps, walked.paths, walked.longest)
    file = replace(file, plain=False, breaches=breaches)
    return Branches(file, branching, jump, code)


def _of(isa: Isa, header: Header) -> Header:
    """Return a header that names the instruction set, which code without instructions does not."""
    named = Token(isa.name, Source("", isa.name), 1, 1)
    return replace(header, values={"isa": named, **header.values})


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
