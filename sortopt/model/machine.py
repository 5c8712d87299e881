"""Processor families as data, the types: what is written around the instructions of a kernel.

Emitters, readers and runners take from here what differs between two processors; the tables
themselves are in `targets`.  Texts with braces are filled in by `str.format`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Flag, auto
from functools import cached_property


class Place(Flag):
    """Where a cell lives; a union of members says what an operand admits."""

    REGISTER = auto()
    VECTOR = auto()
    MEMORY = auto()


@dataclass(frozen=True, slots=True)
class Register:
    """A register by `name`; names of one `family` are parts of one physical register.

    `width` is in bits; `place` says for which operands it serves; `obstacle`, why it cannot hold
    a key (None where it can); `extended`, whether only processors with the family's extension
    have it; `feature`, what instruction sets need whose instructions can name it, or None.
    """

    name: str
    family: str
    width: int
    place: Place
    obstacle: str | None = None
    extended: bool = False
    feature: str | None = None


@dataclass(frozen=True, slots=True)
class Extension:
    """Further registers that some processors of a family have: what they and it are called.

    `assemblers` says which assemblers know them.
    """

    name: str
    registers: str
    assemblers: str

    @property
    def needed(self) -> str:
        """What is said of a kernel that no processor without the extension can run as written."""
        return f"needs {self.name}: {self.registers}"


@dataclass(frozen=True, slots=True)
class Syntax:
    """How one assembler syntax writes operands, and what a function needs around its kernel.

    `comment` begins a comment.  `load` and `store` have places for {op}, {register} and {memory};
    `memory` for {size} (a word of `sizes`, by bits), {base} and {offset}, `at_base` is the same
    without an offset; `save` and `restore` are the lines that push and pop a register.
    `source_first` says that operands stand in the opposite order of the model's.  Vector registers
    are called by the letter `loaded_vector`, where not "", in instructions that access memory.
    """

    prologue: str
    register: str
    memory: str
    load: str
    store: str
    save: tuple[str, ...]
    restore: tuple[str, ...]
    sizes: Mapping[int, str] = field(default_factory=dict)
    source_first: bool = False
    comment: str = "#"
    at_base: str = ""
    loaded_vector: str = ""


@dataclass(frozen=True, eq=False)
class Machine:
    """A processor family.

    `name` is what people call it, `architecture` what LLVM and Rust do, `aliases` what operating
    systems do, `macro` what tells the C preprocessor, `elf` what ELF files say; `cpu` is the one of
    its processors whose latencies count where none is named.  A function gets the addresses of its
    buffers in the registers `arguments` and must preserve those of the families `saved`, of vector
    registers the first `saved_bytes`, and finds its return address in the one of the family `link`,
    or on the stack.  The register of the family `zero` is always zero.  Below the stack pointer
    `red_zone` bytes are left alone, and above its return address a function may use `home` bytes.
    `syntaxes` are the assembler syntaxes in the order of GNU C's alternatives: the first is what
    GNU C and LLVM take, the last what Rust takes, and the dialect in which sortopt writes kernels.
    `clobbers` is what LLVM must know that comparisons overwrite.

    `unsuited` (names of registers), `outside` and `broadly_outside` (mnemonics) are pairs of a
    regular expression and what to say of it: why it is no part of any kernel.  The last is
    consulted only for what is no near miss of a known mnemonic.  `returns` are the instructions
    that end a function, `idle` the mnemonics of those that do nothing.  `constraints` are the
    letters with which GNU C asks for a register, with the families they admit, `modifiers` those
    that name a part of one, with its width in bits.  `pairs` maps the mnemonics of two loads or
    stores of neighbouring cells to those of one; registers of less than `pair_bits` bits have none.
    `encodings` are those that capstone 5 does not know: mask and value of a word of machine code,
    and the instruction as text, each register by the lowest of the five bits that number it
    ("min x{7}, x{15}, x{20}").  `far` are two instructions that a linker makes a call or jump of,
    and the pseudo-instruction that stands for both.

    Where another machine stands in, GNU's tools are called `tools`-gcc and so on, and `emulator` is
    the command that runs what they make; `packages` are those of Debian that bring them.
    """

    name: str
    architecture: str
    aliases: tuple[str, ...]
    macro: str
    registers: Mapping[str, Register]
    arguments: tuple[str, ...]
    saved: tuple[str, ...]
    syntaxes: Mapping[str, Syntax]
    elf: str = ""
    cpu: str = ""
    link: str = ""
    zero: str = ""
    red_zone: int = 0
    saved_bytes: int = 8
    home: int = 0
    clobbers: tuple[str, ...] = ()
    extension: Extension | None = None
    unsuited: tuple[tuple[str, str], ...] = ()
    outside: tuple[tuple[str, str], ...] = ()
    broadly_outside: tuple[tuple[str, str], ...] = ()
    returns: tuple[str, ...] = ()
    far: Mapping[tuple[str, str], str] = field(default_factory=dict)
    idle: tuple[str, ...] = ()
    constraints: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    modifiers: Mapping[str, int] = field(default_factory=dict)
    pairs: Mapping[str, str] = field(default_factory=dict)
    pair_bits: int = 0
    encodings: Mapping[tuple[int, int], str] = field(default_factory=dict)
    tools: str = ""
    emulator: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Machine({self.name!r})"

    @cached_property
    def _parts(self) -> Mapping[tuple[str, int], str]:
        return {(r.family, r.width): r.name for r in reversed(list(self.registers.values()))}

    @cached_property
    def _places(self) -> Mapping[str, Place]:
        return {r.family: r.place for r in self.registers.values()}

    def place_of(self, family: str) -> Place | None:
        """Return where the registers of a family are; None where there is no such family."""
        return self._places.get(family)

    def part(self, family: str, width: int) -> str:
        """Return the name of the `width`-bit part of the physical register `family`."""
        return self._parts[family, width]

    def whole(self, family: str) -> str:
        """Return the name of all of a physical register."""
        return self._parts.get((family, 128)) or self._parts[family, 64]

    def tells_width(self, register: Register) -> bool:
        """Return whether the name of `register` tells how wide the keys in it are."""
        return register.place is Place.VECTOR or (register.family, 32) in self._parts

    def nearest_part(self, name: str, width: int) -> str:
        """Return the `width`-bit part of the register `name`; itself where that has no name."""
        return self._parts.get((self.registers[name].family, width), name)


@dataclass(frozen=True, slots=True)
class Vectors:
    """How a language holds keys in vector registers: what it imports, the type, and conversions.

    `put` makes a vector of one {key}, given as a `scalar`, `get` takes it out of a {vector};
    `load` and `store` copy as many {keys} as there are lanes, where the language is asked to.
    """

    imports: str
    type: str
    put: str
    get: str
    scalar: str
    load: str = ""
    store: str = ""


@dataclass(frozen=True, slots=True)
class Assembly:
    """How compilers and assemblers take the instructions of a set.

    `constraint` is a register's letter in GNU C and LLVM, `register_class` its word in Rust;
    inline assembly may use `most_registers`.  `modifiers` select, by language and key width, the
    part of a register that is named.  `loads` and `stores` are, by key width, what moves a key
    between memory and a register.  `vectors` is by language, or by language and
    width ("c64").  `prologue` is what a whole function in assembly says first,
    `flags` what GNU C must be given, and `macro` what then tells the C preprocessor.
    """

    constraint: str
    register_class: str
    most_registers: int
    loads: Mapping[int, str]
    stores: Mapping[int, str]
    modifiers: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    vectors: Mapping[str, Vectors] = field(default_factory=dict)
    prologue: str = ""
    flags: tuple[str, ...] = ()
    macro: str = ""

    def vectors_of(self, language: str, bits: int) -> Vectors | None:
        """Return how `language` holds keys of `bits` bits in vector registers, or None."""
        return self.vectors.get(f"{language}{bits}") or self.vectors.get(language)

    def modifier(self, language: str, bits: int) -> str:
        """Return the modifier for keys of `bits` bits in `language`, "" where there is none."""
        return self.modifiers.get(language, {}).get(bits, "")
