"""Insertion sorts are stable, in every set of comparisons and selections."""

import naive
import pytest
from places import KERNELS
from toys import EXTREMA, TOYS

from sortopt import load
from sortopt.base.errors import InputError
from sortopt.model.isa import Action, Signedness
from sortopt.model.rung import Rung
from sortopt.networks.inserting import insertion
from sortopt.targets import ISAS, X86_CMOV
from sortopt.verify import elements, verify

SETS = [isa for isa in (*ISAS.values(), *TOYS) if isa.find(Action.COMPARE) is not None]


@pytest.mark.parametrize("isa", SETS, ids=lambda isa: isa.name)
@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_an_insertion_sort_is_stable_and_as_long_as_it_says(isa, n):
    signedness = Signedness.SIGNED
    kernel = insertion(n, isa, signedness)
    three = len(kernel.instructions[-1].operands) > 2 if n > 1 else False
    assert len(kernel) == (n - 1) * (3 * n + 2) // 2 - three * (n - 1)
    assert verify(kernel).proved
    assert elements.check(kernel, Rung.STABLE).proved
    assert isa is not X86_CMOV or not naive.breaks(kernel, "stable")


def test_keys_inserted_behind_a_stable_kernel_make_a_stable_one():
    begun = load(KERNELS / "kept" / "sort4-len20-depth9-stable.asm")
    kernel = insertion(5, X86_CMOV, begun=begun)
    assert len(kernel) == 20 + 13
    assert verify(kernel).proved
    assert elements.check(kernel, Rung.STABLE).proved


def test_minima_and_maxima_insert_nothing():
    with pytest.raises(InputError, match="no comparisons with selections"):
        insertion(3, EXTREMA)
