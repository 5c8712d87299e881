"""The proof over columns of 0-1 inputs: sound, and enough for kernels made of comparators."""

from itertools import combinations, permutations, product

import pytest
from hypothesis import assume, given
from kernels_by_hand import ALPHADEV3, MINMAX3
from strategies import contracts_of_all_kinds

from sortopt.base import InputError
from sortopt.formats import parse
from sortopt.model import KEY_TYPES
from sortopt.model.kernel import Instr, build, rebuild
from sortopt.model.orders import parse_precondition, weak_orders
from sortopt.model.verdict import Proved, Unknown
from sortopt.networks import best
from sortopt.networks.lowering import lower
from sortopt.targets import X86_CMOV, X86_MINMAX
from sortopt.verify import Question, columns, orders_check, verify


def without(kernel, index):
    """Return `kernel` without one of its instructions."""
    kept = [*kernel.instructions[:index], *kernel.instructions[index + 1 :]]
    return rebuild(kernel, kept)


@pytest.mark.parametrize("n", range(2, 17))
def test_the_lowering_of_a_network_is_proved(n):
    assert columns.check(lower(best(n))) == Proved()


@pytest.mark.parametrize("kernel", [ALPHADEV3, MINMAX3, lower(best(4), X86_MINMAX)], ids=str)
def test_known_kernels_are_proved(kernel):
    assert columns.check(kernel) == Proved()


@pytest.mark.parametrize("n", [3, 5])
def test_what_columns_prove_of_a_kernel_that_lacks_an_instruction_all_weak_orders_prove(n):
    whole = lower(best(n))
    lacking = [without(whole, index) for index in range(len(whole) - 4)]
    proved = [columns.check(kernel) == Proved() for kernel in lacking]
    assert proved == [orders_check.check(kernel) == Proved() for kernel in lacking]
    assert not all(proved)


def changed(kernel):
    """Yield `kernel` with each instruction replaced by each other one on its cells."""
    cells = range(len(kernel.cells))
    for index, form, x, y in product(range(len(kernel)), kernel.isa.forms.values(), cells, cells):
        program = list(kernel.instructions)
        program[index] = Instr(form, (x, y))
        if form.signedness in (None, kernel.signedness):
            yield rebuild(kernel, program)


def test_what_columns_prove_of_a_changed_kernel_all_weak_orders_prove():
    proved = [kernel for kernel in changed(ALPHADEV3) if columns.check(kernel) == Proved()]
    assert len(proved) > 2
    assert all(orders_check.check(kernel) == Proved() for kernel in proved)


def test_more_keys_than_weak_orders_can_be_run_for_are_proved_by_columns_and_z3():
    judgement = verify(lower(best(11)))
    assert judgement.verdict == Proved()
    assert [m.method for m in judgement.methods] == [columns.COLUMNS, "z3"]


def test_many_keys_in_the_wrong_sequence_are_refuted():
    whole = lower(best(10))
    judgement = verify(without(whole, 41))
    assert judgement.verdict.counterexample.inputs


def test_many_keys_under_a_precondition_that_leaves_few_orders_are_run_through_them():
    chain = parse_precondition("a<=b, b<=c, c<=d, d<=e, e<=f, f<=g, g<=h, h<=i, i<=j")
    judgement = verify(lower(best(10)).assuming(chain))
    assert [m.method for m in judgement.methods] == ["weak orders", "z3"]


COMPARISONS = [f"{a} {r} {b}" for a, b in permutations("abc", 2) for r in ("<", "<=", "=", "!=")]


def thresholds(orders):
    """Return the 0-1 inputs that the thresholds of `orders` are: bit i of one is key i."""
    return {
        sum((rank >= least) << key for key, rank in enumerate(order))
        for order in orders
        for least in range(1, len(order) + 2)
    }


@pytest.mark.parametrize("assume", COMPARISONS)
def test_a_comparison_admits_the_thresholds_of_its_inputs_and_no_others(assume):
    precondition = parse_precondition(assume)
    domain = columns.space(3, precondition).domain
    admitted = {inputs for inputs in range(8) if domain >> inputs & 1}
    assert admitted == thresholds(precondition.orders(3))


@pytest.mark.parametrize("assume", [", ".join(pair) for pair in combinations(COMPARISONS, 2)])
def test_a_precondition_rules_out_no_threshold_of_an_input_it_admits(assume):
    precondition = parse_precondition(assume)
    orders = [order for order in weak_orders(3) if precondition.holds(order)]
    domain = columns.space(3, precondition).domain
    assert all(domain >> inputs & 1 for inputs in thresholds(orders))


def test_keys_that_differ_are_not_taken_to_be_in_order():
    nothing = build(X86_CMOV, [], inputs="ab", outputs="ab", assume=parse_precondition("a != b"))
    assert isinstance(columns.check(nothing), Unknown)


def test_a_comparison_of_unknown_cells_leaves_no_older_one_in_force():
    """The flags are those of esi and edi, whatever these hold: not those of eax and ecx."""
    text = "mov edx,eax; cmp eax,ecx; cmp esi,edi; cmovg eax,ecx; cmovg ecx,edx"
    kernel = parse(text.replace("; ", "\n"), inputs="eax ecx", outputs="eax ecx").kernel
    assert isinstance(columns.check(kernel), Unknown)
    assert verify(kernel).verdict.name == "refuted"


@given(contracts_of_all_kinds(most=8))
def test_what_columns_prove_of_any_kernel_all_weak_orders_prove(kernel):
    try:
        proved = columns.check(kernel) == Proved()
    except InputError:  # no input satisfies the precondition
        assume(False)
    assert not proved or orders_check.check(kernel) == Proved()


def test_columns_prove_nothing_over_no_input():
    kernel = lower(best(10)).assuming(parse_precondition("a<b, b<a"))
    with pytest.raises(InputError, match="no input satisfies"):
        columns.check(kernel)


def test_columns_say_nothing_of_keys_that_are_misread():
    misread = Question(key=KEY_TYPES["uint32"])
    assert isinstance(columns.check(lower(best(10)), misread), Unknown)


def test_too_many_keys_are_unknown():
    kernel = lower(best(16))
    assert isinstance(columns.check(kernel), Proved)
    assert isinstance(columns.check(without(kernel, 3)), Unknown)
