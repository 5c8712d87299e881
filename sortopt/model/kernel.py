"""Kernels and their contracts: frozen values, validated once, when built.

Cells are numbered from 0: first the inputs in order, then the other cells in the order of their
first appearance in the outputs and the instructions.  So two kernels that differ only in how
their registers are called differ only in `Kernel.cells`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sortopt.base import KernelError, Shown
from sortopt.model.goal import SORT, Goal
from sortopt.model.isa import Action, Form, Isa, Signedness
from sortopt.model.machine import Place
from sortopt.model.orders import ALWAYS, Precondition, ascending
from sortopt.model.rung import Rung

MAX_KEYS = 16
"""The most keys a kernel may take."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A place that holds a key, by name; names are unique within a kernel."""

    name: str
    place: Place = Place.REGISTER


@dataclass(frozen=True, slots=True)
class Instr:
    """One instruction: a form and the cells that are its operands, destination first."""

    form: Form
    operands: tuple[int, ...]

    @property
    def reads(self) -> tuple[int, ...]:
        """The cells it reads, in argument order."""
        return tuple(self.operands[i] for i in self.form.arguments)

    @property
    def writes(self) -> int | None:
        """The cell it writes, or None."""
        return None if self.form.target is None else self.operands[self.form.target]


@dataclass(frozen=True, slots=True)
class Contract:
    """What a kernel promises: given `assume`, `outputs` hold the keys that `goal` names.

    `keep` says what else it promises where keys are attached to something.

    `inputs` are the cells of the keys a, b, c … on entry; `outputs` the cells that hold the
    goal's order statistics on exit, least first.  All other cells are scratch: they and the flags
    hold arbitrary values on entry.
    """

    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    assume: Precondition = ALWAYS
    goal: Goal = SORT
    keep: Rung = Rung.VALUES

    @property
    def n(self) -> int:
        """The number of keys."""
        return len(self.inputs)

    @property
    def precondition(self) -> Precondition:
        """`assume`, and what the goal itself grants (the sorted runs of a merge)."""
        granted = self.assume
        for run in self.goal.ascending_runs():
            granted = granted & ascending(run)
        return granted

    @property
    def in_place(self) -> bool:
        """Whether every output is an input cell."""
        return set(self.outputs) <= set(self.inputs)


@dataclass(frozen=True, slots=True)
class Kernel(Shown):
    """A straight-line program over `cells` with its contract.

    Raises KernelError where an operand does not fit its form, an output is never written,
    instructions read keys of two signs or widths, or the contract does not fit.  An invalid kernel
    cannot be built.
    """

    isa: Isa
    cells: tuple[Cell, ...]
    instructions: tuple[Instr, ...]
    contract: Contract

    def __post_init__(self) -> None:
        _check_contract(self)
        for index, instruction in enumerate(self.instructions):
            _check_operands(self, index, instruction)
        _check_reading(self)
        _check_outputs_written(self)

    @property
    def n(self) -> int:
        """The number of keys."""
        return self.contract.n

    @property
    def scratch(self) -> tuple[int, ...]:
        """The cells that are no input, ascending."""
        return tuple(i for i in range(len(self.cells)) if i not in self.contract.inputs)

    @property
    def signedness(self) -> Signedness | None:
        """How the kernel reads keys: None where nothing in it depends on that."""
        return next((i.form.signedness for i in self.instructions if i.form.signedness), None)

    @property
    def bits(self) -> int | None:
        """The width of the keys that its instructions read; None where operands decide that."""
        return next((i.form.bits for i in self.instructions if i.form.bits), None)

    @property
    def memory_moves(self) -> int:
        """The number of plain loads and stores among the instructions."""
        return sum(
            instruction.form.action is Action.COPY
            and any(Place.MEMORY in self.cells[c].place for c in instruction.operands)
            for instruction in self.instructions
        )

    def assuming(self, assume: Precondition) -> Kernel:
        """Return this kernel under the precondition `assume` in place of its own."""
        return replace(self, contract=replace(self.contract, assume=assume))

    def keeping(self, keep: Rung) -> Kernel:
        """Return this kernel with the rung `keep` in its contract in place of its own."""
        return replace(self, contract=replace(self.contract, keep=keep))

    def with_instructions(self, instructions: Iterable[Instr]) -> Kernel:
        """Return this kernel with other instructions over the same cells and contract."""
        return replace(self, instructions=tuple(instructions))

    def __len__(self) -> int:
        return len(self.instructions)

    def __repr__(self) -> str:
        size = f"{len(self)} instruction{'s' * (len(self) != 1)}"
        return f"<Kernel {self.contract.goal.name}{self.n}, {size}, {self.isa.name}>"


def build(
    isa: Isa,
    program: Sequence[tuple[Form, tuple[str, ...]]],
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
    assume: Precondition = ALWAYS,
    goal: Goal = SORT,
    keep: Rung = Rung.VALUES,
    place_of: Place | dict[str, Place] | None = None,
) -> Kernel:
    """Build a kernel from instructions whose operands are cell names, numbering the cells.

    `place_of` gives the place of every cell, or of each by name; by default all live in the
    registers of `isa`.  Raises KernelError as `Kernel` does.
    """
    names = list(dict.fromkeys([*inputs, *outputs, *(c for _, cells in program for c in cells)]))
    number = {name: i for i, name in enumerate(names)}
    places = place_of if isinstance(place_of, dict) else {}
    fallback = place_of if isinstance(place_of, Place) else isa.place
    return Kernel(
        isa,
        tuple(Cell(name, places.get(name, fallback)) for name in names),
        tuple(Instr(form, tuple(number[c] for c in cells)) for form, cells in program),
        Contract(
            tuple(number[c] for c in inputs), tuple(number[c] for c in outputs), assume, goal, keep
        ),
    )


def rebuild(kernel: Kernel, instructions: Iterable[Instr], more: Sequence[Cell] = ()) -> Kernel:
    """Return `kernel` with other instructions, its cells numbered anew.

    The instructions' operands are cells of `kernel`, and of `more` by the numbers behind those;
    cells that no longer appear are dropped.  Raises KernelError as `Kernel` does.
    """
    cells = (*kernel.cells, *more)
    return build(
        kernel.isa,
        [(i.form, tuple(cells[c].name for c in i.operands)) for i in instructions],
        inputs=[cells[c].name for c in kernel.contract.inputs],
        outputs=[cells[c].name for c in kernel.contract.outputs],
        assume=kernel.contract.assume,
        goal=kernel.contract.goal,
        keep=kernel.contract.keep,
        place_of={cell.name: cell.place for cell in cells},
    )


def _check_contract(kernel: Kernel) -> None:
    contract, names = kernel.contract, [cell.name for cell in kernel.cells]
    for role, cells in (("input", contract.inputs), ("output", contract.outputs)):
        if not cells:
            raise KernelError(f"the kernel has no {role}s", hint=f"name them: {role}s: eax ecx")
        for position, cell in enumerate(cells):
            if not 0 <= cell < len(names):
                raise KernelError(f"{role} {position + 1} is cell {cell}, which does not exist")
            if cell in cells[:position]:
                raise KernelError(
                    f"{names[cell]} is listed twice among the {role}s",
                    hint=f"name each {role} cell once",
                    cell=cell,
                )
    if contract.n > MAX_KEYS:
        raise KernelError(f"the kernel takes {contract.n} keys; at most {MAX_KEYS} are supported")
    wanted = len(contract.goal.ranks(contract.n))
    if wanted != len(contract.outputs):
        raise KernelError(
            f"goal {contract.goal} of {contract.n} keys has {wanted} outputs, "
            f"but {len(contract.outputs)} are named",
            hint="name one output cell for each, least key first",
        )
    if len(set(names)) != len(names):
        raise KernelError("two cells have the same name")
    _check_numbering(kernel)


def _check_numbering(kernel: Kernel) -> None:
    contract = kernel.contract
    order = dict.fromkeys(contract.inputs)
    order.update(dict.fromkeys(contract.outputs))
    order.update(dict.fromkeys(c for i in kernel.instructions for c in i.operands))
    if list(order) != list(range(len(kernel.cells))):
        raise KernelError("cells must be numbered inputs first, then by first appearance")


def _check_operands(kernel: Kernel, index: int, instruction: Instr) -> None:
    form = instruction.form
    if kernel.isa.forms.get(form.mnemonic) != form:
        raise KernelError(
            f"{form.mnemonic} is not an instruction of {kernel.isa.name}", instruction=index
        )
    if len(instruction.operands) != len(form.operands):
        raise KernelError(
            f"{form.mnemonic} takes {len(form.operands)} operands, not {len(instruction.operands)}",
            instruction=index,
        )
    in_memory = 0
    for cell, admitted in zip(instruction.operands, form.operands, strict=True):
        place = kernel.cells[cell].place
        in_memory += place is Place.MEMORY
        if place not in admitted:
            raise KernelError(
                f"{form.mnemonic} cannot take {kernel.cells[cell].name} here", instruction=index
            )
    if in_memory > kernel.isa.max_memory_operands:
        raise KernelError(
            f"{form.mnemonic} takes at most one memory operand",
            hint="load one of them into a register first",
            instruction=index,
        )


def _check_reading(kernel: Kernel) -> None:
    """Refuse instructions that read keys in two ways: of two signs, or of two widths."""
    for reading, hint in (
        (_sign, "a key type is signed or unsigned; use one kind of condition throughout"),
        (_width, "a key type has one width; use it throughout"),
    ):
        first: Form | None = None
        for index, form in enumerate(instruction.form for instruction in kernel.instructions):
            read = reading(form)
            if read is None:
                continue
            first = first or form
            if read != reading(first):
                raise KernelError(
                    f"{form.mnemonic} reads keys as {read}, "
                    f"but {first.mnemonic} before it as {reading(first)}",
                    hint=hint,
                    instruction=index,
                )


def _sign(form: Form) -> str | None:
    return form.signedness.value if form.signedness else None


def _width(form: Form) -> str | None:
    return f"{form.bits} bits wide" if form.bits else None


def _check_outputs_written(kernel: Kernel) -> None:
    written = {instruction.writes for instruction in kernel.instructions}
    for cell in kernel.contract.outputs:
        if cell not in written and cell not in kernel.contract.inputs:
            raise KernelError(
                f"output {kernel.cells[cell].name} is never written",
                hint="name the cells that hold the keys on exit",
                cell=cell,
            )
