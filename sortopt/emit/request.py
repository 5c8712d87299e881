"""What every target is given: a kernel, what it is to sort, a name and key type, its history."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sortopt.base import InputError
from sortopt.emit.reserved import reserved_by
from sortopt.model import Judgement, Kernel, KeyType, Rung, key_type

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_TYPE = re.compile(r"[A-Za-z_&*][\w:<>,*&' ]*")

LAYOUTS = ("arrays", "records")
"""Where payloads lie: in an array of their own, or each beside its key."""

ORDERS = ("total",)
"""Other orders of floating-point keys than by their instructions."""

PLACES = "uint32"
"""The type of the places that an argsort returns, unless said otherwise."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a kernel comes from and what is known of it.

    `title` and `source` are the kernel file's; `judgement` is the verdict with its methods, None
    lets `emit` prove the kernel; `found` says how it was made, for example `sortopt search --n 3`.
    `rungs` is what is known of what the kernel keeps where keys tie, found out by `emit` as well.
    """

    title: str = ""
    source: str = ""
    found: str = ""
    judgement: Judgement | None = None
    rungs: Mapping[Rung, Judgement] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Items:
    """What a function sorts: bare keys, unless said otherwise.

    `payload` is the type of what goes wherever its key goes, in the `layout` of that name.
    `argsort`: the keys stay, their places come out sorted.  `compare`: any keys, by a comparator
    that may answer anything, or is `trusted` to be a strict weak order.  `order`, a name of ORDERS:
    floating-point keys, by a kernel of integers.
    """

    payload: str | None = None
    layout: str = LAYOUTS[0]
    argsort: bool = False
    compare: bool = False
    trusted: bool = False
    order: str | None = None

    def __post_init__(self) -> None:
        if self.layout not in LAYOUTS:
            raise InputError(f"unknown layout {self.layout!r}", hint=f"use {' or '.join(LAYOUTS)}")
        if self.order not in (None, *ORDERS):
            raise InputError(f"unknown order {self.order!r}", hint=f"use {' or '.join(ORDERS)}")
        if self.order and (self.attached or self.compare):
            raise InputError(
                f"the {self.order} order is one of bare keys",
                hint="leave out the order, or the payload, argsort and comparator",
            )
        if self.payload is not None and not _TYPE.fullmatch(self.payload):
            raise InputError(
                f"{self.payload!r} cannot be the type of a payload",
                hint="name a type of the language, for example uint32_t; define others yourself",
            )
        if self.argsort and self.layout == "records":
            raise InputError("an argsort reads an array of keys", hint="leave out the layout")
        if self.trusted and not self.compare:
            raise InputError("there is no comparator to trust", hint="ask for one (compare)")
        if self.compare and self.attached:
            raise InputError(
                "a comparator sorts whole records, payload included",
                hint="leave out the payload and argsort, or the comparator",
            )

    @property
    def attached(self) -> bool:
        """Whether something goes where its key goes."""
        return self.argsort or self.payload is not None

    @property
    def needs(self) -> Rung:
        """The rung on which a kernel must stand."""
        if self.compare and not self.trusted:
            return Rung.SAFE
        return Rung.ELEMENTS if self.attached or self.compare else Rung.VALUES

    def asked_of(self, keep: Rung) -> Rung:
        """Return the rung to be proved of a kernel whose contract asks for `keep`."""
        return self.needs if keep is Rung.VALUES or self.needs is Rung.SAFE else keep

    def payload_in(self, types: Mapping[str, str]) -> str:
        """Return the payload's type in a language whose names for key types are `types`."""
        name = self.payload or PLACES
        return types.get(name.removesuffix("_t"), name)


BARE_KEYS = Items()


@dataclass(frozen=True, slots=True)
class Request:
    """One emission; `kernel` already reads keys as `key` needs it (see `for_keys`).

    `numbers` are the floating-point keys that these stand for, sorted in the total order.
    """

    kernel: Kernel
    name: str
    key: KeyType
    provenance: Provenance
    items: Items = BARE_KEYS
    numbers: KeyType | None = None

    @property
    def inner(self) -> Request:
        """The emission of the function that sorts integers, where these stand for numbers."""
        return self if self.numbers is None else replace(self, name=f"{self.name}_bits")

    @property
    def held(self) -> KeyType:
        """What a register holds: the key, extended where the instructions compare wider ones."""
        bits = self.kernel.isa.held_bits(self.key.bits) or self.key.bits
        return key_type(self.key.name.replace(str(self.key.bits), str(bits)))

    @property
    def floating(self) -> bool:
        """Whether instructions for floating-point numbers sort such numbers."""
        return self.kernel.isa.floating and self.key.floating

    @property
    def in_place(self) -> bool:
        """Whether the function overwrites its keys: it returns as many as it takes."""
        return len(self.kernel.contract.outputs) == self.kernel.n

    def keeps(self, rung: Rung) -> bool:
        """Return whether the kernel is proved to stand on `rung`."""
        known = self.provenance.rungs.get(rung)
        return known is not None and known.proved


def default_name(kernel: Kernel, items: Items = BARE_KEYS) -> str:
    """Return the function name for a kernel: its goal and number of keys, `sort3`, `kth2_5`."""
    goal = kernel.contract.goal
    name = goal.name + "_".join(map(str, (*goal.arguments, kernel.n)))
    return f"arg{name}" if items.argsort else name


def check_name(name: str) -> str:
    """Return `name` if every target language takes it as a function name; raises InputError."""
    if not _IDENTIFIER.fullmatch(name):
        raise InputError(
            f"{name!r} cannot name a function",
            hint="use letters, digits and underscores, a letter first",
        )
    if (whose := reserved_by(name)) is not None:
        raise InputError(
            f"{name!r} cannot name a function: it is a reserved word of {whose}",
            hint="use a name that no target language keeps for itself",
        )
    return name
