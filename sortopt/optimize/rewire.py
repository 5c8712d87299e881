"""Other kernels of comparators for the same contract: the kernel's own network, and others.

A contract over memory cells is met by loads, comparators on registers, and stores.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sortopt.base import UNLIMITED, Budget
from sortopt.model import SORT, Action, Kernel, Place, Signedness
from sortopt.networks import LEAST_SIZE, Network, best, in_memory, lower, optimal_networks
from sortopt.optimize.edits import Edit
from sortopt.optimize.program import Measure
from sortopt.optimize.schedule import Comparators, as_network, emit, from_network, schedule
from sortopt.verify import Column, Space, comparators, space

_WIDTH = 300
"""States kept a level: all of them, up to about eight keys."""

_OWN_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Frame:
    """The contract of `kernel`, and a kernel on registers alone that comparators can replace."""

    kernel: Kernel
    inner: Kernel

    @classmethod
    def of(cls, kernel: Kernel) -> Frame | None:
        """Return the frame of a kernel that sorts in place, or in memory; None for any other.

        Comparators are written with conditional moves of two operands.
        """
        contract = kernel.contract
        selects = [form for form in kernel.isa.forms.values() if form.action is Action.SELECT]
        if contract.goal != SORT or {len(form.operands) for form in selects} != {2}:
            return None
        places = {kernel.cells[cell].place for cell in (*contract.inputs, *contract.outputs)}
        registers = [cell.name for cell in kernel.cells if cell.place is Place.REGISTER]
        if places == {Place.MEMORY} and len(registers) > contract.n > 1:
            sign = kernel.signedness or Signedness.SIGNED
            cells = registers[: contract.n + 1]
            plain = lower(Network(contract.n, ((0, 1),)), kernel.isa, signedness=sign, cells=cells)
            assumed = replace(plain.contract, assume=contract.assume, keep=contract.keep)
            return cls(kernel, replace(plain, contract=assumed))
        in_place = set(contract.outputs) == set(contract.inputs)
        if places != {Place.REGISTER} or len(registers) < len(kernel.cells) or not in_place:
            return None
        return cls(kernel, kernel) if kernel.scratch else None

    def around(self, inner: Kernel) -> Kernel:
        """Return `inner` with the loads and stores that the contract asks for."""
        if self.inner is self.kernel:
            return inner
        contract, memory = self.kernel.contract, [cell.name for cell in self.kernel.cells]
        inputs = [memory[cell] for cell in contract.inputs]
        return in_memory(inner, inputs, [memory[cell] for cell in contract.outputs])


def proposals(
    kernel: Kernel, seed: int, measure: Measure, budget: Budget = UNLIMITED
) -> Iterator[Edit | None]:
    """Yield kernels made of comparators for the contract of `kernel`; None where one is no help.

    First the network of the kernel itself, then others, if the contract is to sort all inputs: of
    the least size, where many can be generated, else those of a random walk, without end.  Ends
    at once where comparators do not apply (`Frame`).  Raises LimitReached where the budget is
    spent.
    """
    frame, contract = Frame.of(kernel), kernel.contract
    if frame is None:
        return
    found = space(contract.n, contract.precondition)
    pairs = comparators(kernel)
    if pairs is not None:
        own = Comparators.of(found, pairs)
        for turn in range(_OWN_ROUNDS):
            yield _rewired(frame, own, "its own comparators", seed + turn, budget, turn)
    if contract.precondition:
        return
    if measure.latency:
        fast = from_network(found, best(contract.n, "depth"))
        for turn in range(_OWN_ROUNDS):
            words = "the comparators of a network of least depth"
            yield _rewired(frame, fast, words, seed + turn, budget, turn)
    walked = contract.n not in LEAST_SIZE
    others = _walk(found, pairs, seed, budget) if walked else optimal_networks(contract.n, seed)
    for number, network in enumerate(others, 1):
        other = from_network(found, network)
        words = f"the {network.size} comparators of another network (number {number})"
        if walked:
            words = f"{len(other.takes)} comparators found on a random walk (network {number})"
        yield _rewired(frame, other, words, seed + number, budget, in_sequence=walked)


def _walk(
    found: Space, pairs: Sequence[tuple[Column, Column]] | None, seed: int, budget: Budget
) -> Iterator[Network]:
    """Yield the networks of walks from a network given by its comparators, or the best known."""
    from sortopt.optimize import network_walk

    start = best(found.n)
    if pairs is not None and len(pairs) <= start.size:
        start = as_network(found, pairs)
    return network_walk.networks(start, budget, seed=seed)


def _rewired(
    frame: Frame,
    network: Comparators,
    words: str,
    seed: int,
    budget: Budget,
    turn: int = 0,
    *,
    in_sequence: bool = False,
) -> Edit | None:
    path = schedule(
        network,
        budget,
        width=_WIDTH,
        noise=0.5 * turn,
        seed=seed,
        in_sequence=in_sequence,
    )
    made = emit(frame.inner, network, path)
    if made is None:
        return None
    saving = sum(not taken.variant.copies for taken in path)
    need = "needs" if saving == 1 else "need"
    told = f"{words}, in a sequence in which {saving} of them {need} no mov: the free cell "
    return Edit(frame.around(made), told + "already holds the key wherever it is needed")
