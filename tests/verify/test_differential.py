"""A thousand random kernels: interpreter, vectorised twin, Z3 and brute force say the same.

Also: what redundancy and repair return is right, and key types agree with plain enumeration.
"""

import random
from itertools import product

import naive
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from kernels_by_hand import ALPHADEV3, FAILS_ON_TIES, SORT2, UNSIGNED2, network
from strategies import REAL, buffer_kernels, forms_for, kernels

from sortopt.base.errors import KernelError
from sortopt.model.interpreter import run
from sortopt.model.isa import Signedness
from sortopt.model.kernel import Instr, build, rebuild
from sortopt.model.keys import KeyType
from sortopt.model.orders import weak_orders
from sortopt.model.verdict import Proved, Refuted
from sortopt.networks import best, lower
from sortopt.verify import Question, batch, key_types, orders_check, smt, verify
from sortopt.verify.preconditions import failing_orders
from sortopt.verify.redundancy import redundancy
from sortopt.verify.repairs import Repair, repair

CASES = 1000
SHARDS = 10
RIGHT = (
    *(SORT2, ALPHADEV3, UNSIGNED2, network("12", "23", "12")),
    *(lower(best(3), isa) for isa in REAL),
)


def random_kernel(rng):
    """Return a random kernel: a right one changed in a few places, or one from nothing."""
    if rng.random() < 0.7:
        return changed(rng.choice(RIGHT), rng, rng.randrange(4))
    isa = rng.choice(REAL)
    sign, n = rng.choice(list(Signedness)), rng.randrange(1, 4)
    forms = forms_for(isa, sign, rng.choice(isa.key_bits))
    cells = [*"abc"[:n], "s"]
    program = [
        (form, tuple(rng.choice(cells) for _ in form.operands))
        for form in rng.choices(forms, k=rng.randrange(12))
    ]
    return build(isa, program, inputs=cells[:n], outputs=cells[:n])


def changed(kernel, rng, times):
    """Return `kernel` with instructions dropped, doubled, moved or replaced."""
    program = list(kernel.instructions)
    for _ in range(times):
        at = rng.randrange(len(program))
        match rng.randrange(4):
            case 0 if len(program) > 1:
                del program[at]
            case 1:
                program.insert(rng.randrange(len(program)), program[at])
            case 2:
                count = len(program[at].operands)
                forms = forms_for(kernel.isa, kernel.signedness, kernel.bits)
                form = rng.choice([form for form in forms if len(form.operands) == count])
                program[at] = Instr(form, program[at].operands)
            case _:
                program.insert(rng.randrange(len(program)), program.pop(at))
    try:
        return rebuild(kernel, program)
    except KernelError:
        return kernel


@pytest.mark.parametrize("shard", range(SHARDS))
def test_interpreter_twin_and_z3_agree_on_a_thousand_kernels(shard):
    rng = random.Random(shard)
    verdicts = set()
    for _ in range(CASES // SHARDS):
        kernel = random_kernel(rng)
        orders = weak_orders(kernel.n)
        together = batch.run(kernel, np.array(orders, np.int8).T)
        alone = np.array([[v or 0 for v in run(kernel, order)] for order in orders], np.int8).T
        assert np.array_equal(together, alone)
        by_orders, by_z3 = orders_check.check(kernel), smt.check(kernel)
        assert type(by_orders) is type(by_z3)
        if len(kernel.cells) <= 4:
            assert isinstance(by_orders, Refuted) == bool(naive.failures(kernel))
        verdicts.add(by_orders.name)
    assert verdicts == {"proved", "refuted"}


@settings(max_examples=40)
@given(buffer_kernels())
def test_kernels_of_a_buffer_get_the_verdict_of_brute_force(kernel):
    assume(len(kernel.cells) <= 5)
    expected = bool(naive.failures(kernel))
    assert isinstance(orders_check.check(kernel), Refuted) == expected
    assert isinstance(smt.check(kernel), Refuted) == expected


@settings(max_examples=60)
@given(st.integers(0, 10**6))
def test_misread_keys_get_the_verdict_of_plain_enumeration(seed):
    """All keys of three bits, two or three of them, through the interpreter."""
    rng = random.Random(seed)
    kernel = changed(rng.choice(RIGHT), rng, rng.randrange(2))
    assume(kernel.signedness and isinstance(orders_check.check(kernel), Proved))
    signed = kernel.signedness is Signedness.UNSIGNED
    key = KeyType("int3", 3, Signedness.SIGNED if signed else Signedness.UNSIGNED)
    values = range(-4, 4) if signed else range(8)
    wrong = any(
        [key.unseen(o) for o in run(kernel, [key.seen(k) for k in keys])] != sorted(keys)
        for keys in product(values, repeat=kernel.n)
    )
    assert isinstance(key_types.check(kernel, key), Refuted) == wrong
    assert isinstance(smt.check(kernel, Question(key=key)), Refuted) == wrong


@settings(max_examples=40)
@given(st.integers(0, 10**6))
def test_what_is_called_redundant_can_go_and_what_is_not_cannot(seed):
    rng = random.Random(seed)
    base = rng.choice(RIGHT[:2])
    program = list(base.instructions)
    for _ in range(rng.randrange(3)):
        program.insert(rng.randrange(len(program) + 1), rng.choice(program))
    kernel = rebuild(base, program)
    assume(isinstance(verify(kernel).verdict, Proved))
    found = redundancy(kernel)
    assert isinstance(verify(found.shortened).verdict, Proved)
    assert len(found.shortened) == len(kernel) - len(found.together)
    assert bool(found.alone) <= bool(found.together)
    for index in range(len(kernel)):
        rest = [i for n, i in enumerate(kernel.instructions) if n != index]
        assert (index in found.alone) == isinstance(
            orders_check.check(rebuild(kernel, rest)), Proved
        )


@settings(max_examples=40)
@given(st.integers(0, 10**6))
def test_a_repair_is_right_and_no_cheaper_one_exists_among_conditions(seed):
    rng = random.Random(seed)
    kernel = changed(rng.choice((SORT2, ALPHADEV3, FAILS_ON_TIES)), rng, 1)
    found = repair(kernel, most_added=1)
    by_hand = any(not failing_orders(other) for other in condition_variants(kernel))
    if isinstance(found, Repair):
        assert isinstance(verify(found.kernel).verdict, Proved)
        assert (found.added == 0) == by_hand
        assert len(found.kernel) == len(kernel) + found.added
    else:
        assert found.exact
        assert not by_hand


def condition_variants(kernel):
    """Yield `kernel` with every choice of l or le, g or ge, b or be, a or ae."""
    partners = {
        "l": "le",
        "le": "l",
        "g": "ge",
        "ge": "g",
        "b": "be",
        "be": "b",
        "a": "ae",
        "ae": "a",
    }
    choices = []
    for instruction in kernel.instructions:
        condition = instruction.form.condition
        other = partners.get(condition.name) if condition else None
        flipped = [Instr(kernel.isa.form("cmov" + other), instruction.operands)] if other else []
        choices.append([instruction, *flipped])
    for program in product(*choices):
        yield rebuild(kernel, program)


@given(kernels(least=2))
def test_bits_that_hold_all_keys_apart_are_enough(kernel):
    assert isinstance(smt.check(kernel, Question(smt.least_width(kernel))), Proved) == isinstance(
        orders_check.check(kernel), Proved
    )
