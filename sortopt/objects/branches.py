"""Functions that branch: read as far as their paths can be followed, for proofs over each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from sortopt.base import InputError, Source
from sortopt.formats import Dialect, Header, KernelFile, Options, Token, to_file
from sortopt.model import (
    SORT,
    Branching,
    Fork,
    Instr,
    Isa,
    Rung,
    Signedness,
    Stretch,
    natural_key_type,
)
from sortopt.objects.aarch64_effects import FLOAT_COMPARES
from sortopt.objects.decode import Code, Decoded, elsewhere
from sortopt.objects.lengths import beyond, key_cells, known_on_entry, parse_lengths
from sortopt.objects.paths import Part, Walked, walk
from sortopt.objects.riscv_floats import COMPARES
from sortopt.targets import DEFAULT_ISA, ISAS, X86_FLOAT_COMPARISONS, X86_FLOAT_MASKS

_OF_NUMBERS = "immediate operands", "is arithmetic", "index register", "known"
"""What messages say of numbers that are not known, which a length may be."""
MOST_SEARCHED = 8
"""The most keys that `search` takes."""
_MEMORY = re.compile(r"\[[^]]*\]|\([^)]*\)")


class Branches(InputError):
    """A function branches where a kernel is wanted; `branching` is what proofs judge.

    `file` says of it what is said of a kernel's file; `walked` are its paths.
    """

    def __init__(
        self, file: KernelFile, branching: Branching, jump: Decoded | None, code: Code,
        walked: Walked,
    ) -> None:  # fmt: skip
        self.file = file
        self.branching = branching
        self.walked = walked
        if jump is None:
            super().__init__("a kernel has no length that it is given", hint="leave out the length")
            return
        at, machine = code.places(jump).mnemonic, code.function.machine
        what = elsewhere(jump, machine) or "makes a number of a condition"
        if jump.mnemonic in (*X86_FLOAT_COMPARISONS, *X86_FLOAT_MASKS, *FLOAT_COMPARES, *COMPARES):
            what = "compares floating-point numbers"
        found = instead(branching)
        super().__init__(
            f"{jump.mnemonic} {what}, which is outside the model",
            hint="sortopt verify follows every path; "
            + (f"{found} finds a kernel without branches, and " if found else "")
            + "gcc makes one of std::min, std::max and ?: with -O1, or -O2 -fno-thread-jumps",
            source=at.source,
            span=at.span,
        )


def instead(branching: Branching) -> str | None:
    """Return the command that finds a kernel without branches for the same contract, or None."""
    whole = branching.whole
    given = whole.contract.precondition or whole.contract.inputs != whole.contract.outputs
    branchless = branching.branches == 0
    known = whole.isa.assembly is not None and whole.n <= MOST_SEARCHED
    if whole.contract.goal != SORT or given or branchless or not known:
        return None
    unsigned = whole.signedness is Signedness.UNSIGNED or "unsigned" in branching.signs
    other = whole.isa.machine is not ISAS[DEFAULT_ISA].machine
    named = f" --isa {whole.isa.name}" if other else ""
    if whole.isa.floating:
        named += f" --key {natural_key_type(whole).name}"
    return f"sortopt search --n {whole.n}{named}{' --unsigned' * unsigned}"


def read_branches(
    code: Code, jump: Decoded | None, header: Header, dialect: Dialect, options: Options,
    because: str, naming: str | None, handed: frozenset[str] | None = None,
) -> Branches:  # fmt: skip
    """Return what a function is that branches, first at `jump`; raises InputError as `walk`.

    One that is given a length may have no jump.  An asm statement is `handed` only some registers.
    """
    named = options.inputs or (header.values["inputs"].text if "inputs" in header.values else "")
    words = re.findall(r"\w+", _MEMORY.sub(" ", named.lower()))
    machine = code.function.machine
    registers = machine.registers
    keys = frozenset(registers[word].family for word in words if word in registers)
    known = known_on_entry(parse_lengths(options.length), machine) if options.length else None
    try:
        walked = walk(
            code, keys, distinct=options.apart, length=known, lie=_is_safe(header, options),
            handed=handed, budget=options.budget,
        )  # fmt: skip
    except InputError as error:
        if known is None and any(word in error.message for word in _OF_NUMBERS):
            said = f"{error.hint}; " if error.hint else ""
            error.hint = f"{said}if it is given how many keys there are, say where: --length"
        raise
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
    notes = tuple(f"calls {name}, as this file defines it" for name in walked.called)
    file = replace(file, plain=False, breaches=breaches, notes=(*notes, *file.notes))
    return Branches(file, branching, jump, code, walked)


def _is_safe(header: Header, options: Options) -> bool:
    """Return whether the contract holds whatever comparisons answer."""
    asked = options.keep or (header.values["keep"].text if "keep" in header.values else "")
    return str(asked).strip().lower() == Rung.SAFE.value


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
