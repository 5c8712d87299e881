"""Other kernels of comparators for the same contract: the kernel's own network, and others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sortopt.goal import SORT
from sortopt.isa import Action, Place
from sortopt.kernel import Kernel
from sortopt.networks import best, optimal_networks
from sortopt.networks.optimal import LEAST_SIZE
from sortopt.optimize.columns import comparators, space
from sortopt.optimize.program import Measure
from sortopt.optimize.schedule import Comparators, emit, from_network, schedule

_WIDTHS = (300, 1500)
_OWN_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Rewired:
    """A kernel made of comparators, and where it comes from."""

    kernel: Kernel
    reason: str


def proposals(
    kernel: Kernel,
    seed: int,
    measure: Measure,
    expired: Callable[[], bool],
    check_time: Callable[[], None],
) -> Iterator[Rewired | None]:
    """Yield kernels made of comparators for the contract of `kernel`; None where one is no help.

    First the network of the kernel itself, then others of the least size, if the contract is to
    sort all inputs in place, in registers.  Ends at once where comparators do not apply.
    """
    contract = kernel.contract
    actions = {form.action for form in kernel.isa.forms.values()}
    plain = contract.goal == SORT and set(contract.outputs) == set(contract.inputs)
    in_memory = any(cell.place is Place.MEMORY for cell in kernel.cells)
    if not plain or in_memory or not kernel.scratch or Action.SELECT not in actions:
        return
    found = space(contract.n, contract.precondition)
    pairs = comparators(kernel)
    if pairs is not None:
        own = Comparators.of(found, pairs)
        for turn in range(_OWN_ROUNDS):
            yield _rewired(kernel, own, "its own comparators", seed + turn, turn, expired)
            check_time()
    if contract.precondition:
        return
    if measure.latency:
        fast = from_network(found, best(contract.n, "depth"))
        for turn in range(_OWN_ROUNDS):
            words = "the comparators of a network of least depth"
            yield _rewired(kernel, fast, words, seed + turn, turn, expired)
    if contract.n not in LEAST_SIZE:
        return
    for number, network in enumerate(optimal_networks(contract.n, seed), 1):
        other = from_network(found, network)
        words = f"the {network.size} comparators of another network (number {number})"
        yield _rewired(kernel, other, words, seed + number, 0, expired)
        check_time()


def _rewired(
    kernel: Kernel,
    network: Comparators,
    words: str,
    seed: int,
    turn: int,
    expired: Callable[[], bool],
) -> Rewired | None:
    path = schedule(
        network,
        width=_WIDTHS[turn > 0],
        noise=0.5 * turn,
        seed=seed,
        expired=expired,
    )
    made = None if path is None else emit(kernel, network, path)
    if made is None or path is None:
        return None
    spared = sum(not taken.mov for taken in path)
    told = f"{words}, in a sequence in which {spared} of them need no mov: the free cell "
    return Rewired(made, told + "already holds the key wherever it is needed")
