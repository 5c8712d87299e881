"""What the symmetries of a problem make of its instructions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sortopt.search.space import DEAD, Symmetry, Universe, symmetry_of

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Turned:
    """The group's elements as they act on instructions, and their products.

    Where instruction q leads from an assignment to another, `instruction[e, q]` leads from what
    element e makes of the one to what element `then[e, q]` makes of the other: e itself, or e with
    the flags exchanged where q is a comparison that is listed the other way round.  `product[d, e]`
    is e first and then d.
    """

    symmetry: Symmetry
    instruction: npt.NDArray[np.uint16]
    then: Numbers
    product: Numbers
    inverse: Numbers

    @property
    def order(self) -> int:
        """The number of elements."""
        return self.symmetry.order

    @classmethod
    def of(cls, universe: Universe) -> Turned:
        """Find by trial what each element makes of each instruction, on all assignments."""
        symmetry = symmetry_of(universe)
        image = symmetry.tables.image
        number = {row.tobytes(): e for e, row in enumerate(image)}
        product = np.array([[number[d[e].tobytes()] for e in image] for d in image])
        inverse = np.argmin(product, axis=1)  # the identity is element 0
        step = universe.step
        instruction = np.zeros((len(image), step.shape[1]), np.uint16)
        then = np.zeros(instruction.shape, np.int64)
        padded = np.column_stack((image, np.full(len(image), DEAD, np.uint16)))
        for e, partner in enumerate(_exchanged(symmetry)):
            listed = {c.tobytes(): q for q, c in enumerate(step[image[e]].T)}
            for q in range(step.shape[1]):
                after = np.minimum(step[:, q], universe.size)  # what is dead stays so
                for other in (e, partner):
                    found = listed.get(padded[other][after].tobytes())
                    if found is not None:
                        instruction[e, q], then[e, q] = found, other
                        break
                else:
                    raise AssertionError("a symmetry makes no listed instruction of one")
        return cls(symmetry, instruction, then, product, inverse)

    def images(self, programs: npt.NDArray[np.uint16], element: int) -> npt.NDArray[np.uint16]:
        """Return what `element` makes of programs, each a row."""
        elements = np.full(len(programs), element)
        made = np.empty_like(programs)
        for i in range(programs.shape[1]):
            made[:, i] = self.instruction[elements, programs[:, i]]
            elements = self.then[elements, programs[:, i]]
        return made


def _exchanged(symmetry: Symmetry) -> list[int]:
    """Return for each element the one that exchanges L and G in the flags besides."""
    number = {variant: v for v, variant in enumerate(symmetry.variants)}
    renamings = len(symmetry.renamings)
    partners = []
    for v, (reverse, exchange) in enumerate(symmetry.variants):
        other = number.get((reverse, not exchange), v)
        partners += [other * renamings + p for p in range(renamings)]
    return partners
