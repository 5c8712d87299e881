"""The 0-1 principle: a comparator network sorts all keys iff it sorts all sequences of 0 and 1.

(Knuth, The Art of Computer Programming, volume 3, theorem 5.3.4-Z.)  All 2^n sequences run
through the network at once: a channel is one integer of 2^n bits, bit v of it what the channel
holds for sequence v, so that a comparator is one `and` and one `or`.  The principle does not hold
for kernels: a comparison with conditional moves is no comparator.
"""

from __future__ import annotations

from itertools import pairwise

from sortopt.model import Counterexample, Proved, Refuted, Unknown, Verdict
from sortopt.networks.network import Network

MOST_CHECKED = 24
"""The most channels whose sequences are all tried: 2^24 of them in 24 columns take 50 MB."""


def check(network: Network) -> Verdict:
    """Return whether `network` sorts; a refutation holds the smallest 0-1 input it fails on.

    Smallest: read as a binary number, channel 0 first.  Unknown beyond `MOST_CHECKED` channels.
    Cost: 2^n bits a comparator; n = 16 with 60 comparators takes about a millisecond.
    """
    n = network.channels
    if n > MOST_CHECKED:
        return Unknown(f"{n} channels are too many to try all 0-1 inputs; at most {MOST_CHECKED}")
    held = _columns(n)
    for i, j in network.comparators:
        held[i], held[j] = held[i] & held[j], held[i] | held[j]
    unsorted = 0
    for above, below in pairwise(held):
        unsorted |= above & ~below
    if not unsorted:
        return Proved()
    least = (unsorted & -unsorted).bit_length() - 1
    keys = tuple(int(bit) for bit in f"{least:0{n}b}")
    return Refuted(Counterexample(keys, network.apply(keys), tuple(sorted(keys))))


def redundant(network: Network) -> tuple[int, ...]:
    """Return the indices of the comparators that never exchange their keys: they can go.

    Without all of them at once the network does the same.  At most `MOST_CHECKED` channels.
    """
    held = _columns(network.channels)
    idle = []
    for index, (i, j) in enumerate(network.comparators):
        if not held[i] & ~held[j]:
            idle.append(index)
        held[i], held[j] = held[i] & held[j], held[i] | held[j]
    return tuple(idle)


def _columns(n: int) -> list[int]:
    """Return one integer a channel whose bit v is what the channel holds in sequence v of 2^n."""
    columns = []
    for channel in range(n):
        half = 1 << (n - 1 - channel)
        column, width = ((1 << half) - 1) << half, 2 * half
        while width < 1 << n:
            column |= column << width
            width *= 2
        columns.append(column)
    return columns
