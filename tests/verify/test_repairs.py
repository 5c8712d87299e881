"""Redundancy, repair, and the search for the cheapest right variant behind both."""

from dataclasses import replace
from itertools import product

import corpus
import naive
import pytest
from kernels_by_hand import ALPHADEV3, ALPHADEV4, FAILS_ON_TIES, MINMAX3, SORT2, UNSIGNED2, compact

from sortopt.base import Budget
from sortopt.base.errors import InputError, LimitReached
from sortopt.model.goal import parse_goal
from sortopt.model.isa import Place, Signedness
from sortopt.model.kernel import Instr, build, rebuild
from sortopt.model.orders import parse_precondition
from sortopt.model.rung import HIGHER, Rung
from sortopt.model.verdict import Proved, Unknown
from sortopt.targets import X86_CMOV
from sortopt.verify import METHODS, judge, verify
from sortopt.verify import cheapest as search
from sortopt.verify.cheapest import cheapest
from sortopt.verify.diagnosis import study
from sortopt.verify.redundancy import dead_results, redundancy
from sortopt.verify.repairs import NoRepair, Repair, repair
from sortopt.verify.variants import Choice, Variant

CORPUS = corpus.load("kernels")
RIGHT = [SORT2, UNSIGNED2, ALPHADEV3, ALPHADEV4, MINMAX3]


def with_added(kernel, at, text):
    """Return `kernel` with the instructions of a compact text before index `at`."""
    more = compact(text, "12", "12").instructions
    program = kernel.instructions
    return kernel.with_instructions((*program[:at], *more, *program[at:]))


def without(kernel, *indices):
    return rebuild(kernel, [i for n, i in enumerate(kernel.instructions) if n not in indices])


@pytest.mark.parametrize("kernel", RIGHT)
def test_nothing_is_redundant_in_a_shortest_kernel(kernel):
    found = redundancy(kernel)
    assert (found.alone, found.together, found.exact) == ((), (), True)
    assert found.shortened == kernel


def test_an_instruction_that_does_nothing_is_redundant_alone_and_together():
    padded = with_added(with_added(SORT2, 4, "m11 c12"), 1, "m22")
    found = redundancy(padded)
    assert found.alone == found.together == (1, 5, 6)
    assert found.shortened == SORT2
    assert found.exact


def test_a_set_may_be_redundant_of_which_no_member_is():
    padded = with_added(SORT2, 0, "m31 m12 m23 m31 m12 m23")
    found = redundancy(padded)
    assert found.alone == ()
    assert len(found.together) == 6
    assert verify(found.shortened).verdict.name == "proved"


def test_a_search_that_names_too_much_is_caught_by_the_proofs(monkeypatch):
    """Whatever the search for a largest set returns, the set is proved before it is named."""
    nothing = Variant(0, (), (0,) * len(ALPHADEV3), exact=True)
    monkeypatch.setattr(search, "cheapest", lambda *_, **__: (nothing, True))
    found = redundancy(ALPHADEV3)
    assert (found.together, found.shortened) == ((), ALPHADEV3)
    one = Variant(10, (), (*(1,) * 10, 0), exact=True)
    monkeypatch.setattr(search, "cheapest", lambda *_, **__: (one, True))
    assert redundancy(ALPHADEV3).together == ()


@pytest.mark.parametrize("method", METHODS)
def test_an_instruction_is_redundant_only_where_both_proofs_say_so(monkeypatch, method):
    padded = with_added(SORT2, 1, "m22")
    assert redundancy(padded).alone == (1,)
    unsure = {**judge.PROOFS, method: lambda *_: Unknown("not asked")}
    monkeypatch.setattr(judge, "PROOFS", unsure)
    assert (redundancy(padded).alone, redundancy(padded).together) == ((), ())


def test_dead_results_are_named():
    padded = with_added(SORT2, 4, "m31 c12")
    assert [(dead.index, dead.what) for dead in dead_results(padded)] == [
        (4, padded.cells[2].name),
        (5, "the flags"),
    ]


@pytest.mark.parametrize("kernel", RIGHT)
def test_a_right_kernel_needs_no_repair(kernel):
    found = repair(kernel)
    assert isinstance(found, Repair)
    assert (found.kernel, found.changes, found.least) == (kernel, (), True)


def test_the_published_tie_failure_is_mended_at_equal_length():
    found = repair(FAILS_ON_TIES)
    assert isinstance(found, Repair)
    assert (found.added, len(found.kernel), found.least) == (0, 11, True)
    (change,) = found.changes
    assert (change.before.form.mnemonic, change.after.form.mnemonic) == ("cmovl", "cmovle")
    assert found.judgement.verdict.name == "proved"


PARTNERS = ("l", "le"), ("g", "ge"), ("b", "be"), ("a", "ae")
"""Conditions that differ on equal keys only."""


def sensitive_to_ties(name):
    """Return a kernel of two keys that is right with the condition `name`, not with its partner.

    Under its precondition the condition always holds, or never, equal keys included: else a
    scratch cell's unknown content gets out.
    """
    ascending = name in ("le", "be", "g", "a")
    select, always = f"cmov{name} s", name.endswith("e")
    text = ["cmp a b", f"{select} a"] if always else ["mov s a", "cmp a b", f"{select} t"]
    program = [line.split() for line in (*text, "mov a s")]
    return build(
        X86_CMOV,
        [(X86_CMOV.form(mnemonic), tuple(cells)) for mnemonic, *cells in program],
        inputs="ab",
        outputs="ab" if ascending else "ba",
        assume=parse_precondition("a <= b" if ascending else "a >= b"),
    )


@pytest.mark.parametrize(("wrong", "right"), [*PARTNERS, *(pair[::-1] for pair in PARTNERS)])
def test_a_condition_is_replaced_by_the_one_that_differs_on_equal_keys(wrong, right):
    kernel = sensitive_to_ties(right)
    assert verify(kernel).verdict.name == "proved"
    wrong, right = X86_CMOV.form(f"cmov{wrong}"), X86_CMOV.form(f"cmov{right}")
    program = [Instr(wrong if i.form is right else i.form, i.operands) for i in kernel.instructions]
    found = repair(kernel.with_instructions(program), most_added=0)
    assert isinstance(found, Repair)
    (change,) = found.changes
    assert (change.before.form, change.after.form) == (wrong, right)


def test_a_repair_is_called_least_only_where_nothing_before_it_was_left_out(monkeypatch):
    whole = search.cheapest
    rounds = []

    def short_of_room_at_first(*args, **options):
        rounds.append(options)
        return (None, False) if len(rounds) == 1 else whole(*args, **options)

    monkeypatch.setattr(search, "cheapest", short_of_room_at_first)
    found = repair(FAILS_ON_TIES)
    assert isinstance(found, Repair)
    assert (len(rounds), found.least) == (2, False)


@pytest.mark.parametrize("index", range(4))
@pytest.mark.parametrize("kernel", [SORT2, UNSIGNED2, MINMAX3])
def test_a_dropped_instruction_is_made_up_for_by_one(kernel, index):
    found = repair(without(kernel, index))
    assert isinstance(found, Repair)
    assert found.added <= 1
    assert verify(found.kernel).verdict.name == "proved"


def test_a_kernel_that_needs_its_scratch_to_hold_something_is_mended():
    found = repair(CORPUS.find("swap/without-first-mov").kernel)
    assert isinstance(found, Repair)
    assert found.added == 1
    assert found.changes[0].before is None


def test_a_kernel_without_scratch_gets_a_register():
    found = repair(compact("c12 g12", "12", "12"))
    assert isinstance(found, Repair)
    assert (found.added, len(found.kernel.cells)) == (2, 3)


def test_memory_cells_are_no_obstacle():
    kernel = CORPUS.find("memory/kauer-sort3").kernel
    found = repair(without(kernel, 2))
    assert isinstance(found, Repair)
    assert found.added == 1
    assert [c.place for c in found.kernel.cells[:3]] == [Place.MEMORY] * 3


def test_what_cannot_be_mended_is_told_exactly():
    shown = CORPUS.find("claim/shown").kernel
    assert repair(shown, most_added=1) == NoRepair(1, exact=True)


def test_a_precondition_makes_a_repair_cheaper():
    shown = CORPUS.find("claim/shown").kernel.assuming(parse_precondition("b<=c"))
    assert repair(shown).changes == ()


def test_time_that_runs_out_is_told():
    with pytest.raises(LimitReached):
        repair(ALPHADEV4, budget=Budget(1e-9))
    assert study(ALPHADEV3, verify(ALPHADEV3).verdict, Budget(1e-9)).unfinished


def test_a_study_of_a_wrong_kernel_names_the_weakest_preconditions():
    kernel = CORPUS.find("claim/without-mov").kernel
    found = study(kernel, verify(kernel).verdict)
    assert [str(assume) for assume in found.weakest] == ["b < c", "a <= c and b <= c"]
    assert found.redundancy is None


def test_too_little_room_is_told(monkeypatch):
    monkeypatch.setattr(search, "MEMORY", 1)
    places = [(Choice(0, ()), Choice(1, (i,))) for i in ALPHADEV3.instructions]
    _, exact = cheapest(ALPHADEV3, places, most=20, near=True)
    assert not exact
    assert redundancy(with_added(SORT2, 4, "m11")).alone == (4,)


def test_no_choice_within_the_cost_is_no_variant():
    places = [(Choice(5, (i,)),) for i in SORT2.instructions]
    assert cheapest(SORT2, places, most=4) == (None, True)
    assert cheapest(SORT2, places, most=20)[0].cost == 20


@pytest.mark.parametrize("kernel", [SORT2, ALPHADEV3, MINMAX3, FAILS_ON_TIES])
def test_conditions_of_the_other_sign_are_changed_at_equal_length(kernel):
    found = repair(kernel, signedness=Signedness.UNSIGNED)
    assert isinstance(found, Repair)
    assert found.added == 0
    assert found.kernel.signedness is Signedness.UNSIGNED
    assert verify(found.kernel, key="uint32").verdict.name == "proved"
    signs = {i.form.signedness for i in kernel.instructions} - {None}
    assert len(found.changes) == sum(i.form.signedness in signs for i in kernel.instructions)


def condition_variants(kernel):
    """Yield each choice of strict or loose conditions, with how many differ from `kernel`."""
    places = [
        [(i, 0), *((Instr(form, i.operands), 1) for form in [twin(i.form)] if form)]
        for twin in [kernel.isa.otherwise_on_ties]
        for i in kernel.instructions
    ]
    for chosen in product(*places):
        yield kernel.with_instructions(i for i, _ in chosen), sum(cost for _, cost in chosen)


@pytest.mark.parametrize("keep", HIGHER)
def test_the_fewest_changes_that_reach_a_rung_are_found(keep):
    costs = [
        cost
        for other, cost in condition_variants(ALPHADEV3)
        if not naive.failures(other) and not naive.breaks(other, str(keep))
    ]
    found = repair(ALPHADEV3.keeping(keep))
    assert isinstance(found.judgement.verdict, Proved)
    assert found.least
    assert found.kernel.contract.keep is keep
    assert not naive.failures(found.kernel)
    assert not naive.breaks(found.kernel, str(keep))
    assert (found.added == 0) == bool(costs)
    assert not costs or len(found.changes) == min(costs)


def test_a_kernel_on_its_rung_is_left_as_it_is():
    assert repair(ALPHADEV4.keeping(Rung.SAFE)).changes == ()


def test_minima_and_maxima_are_not_repaired_for_a_rung():
    with pytest.raises(InputError, match="minima and maxima keep no elements"):
        repair(MINMAX3.keeping(Rung.ELEMENTS))


@pytest.mark.parametrize("goal", ["min", "minmax", "median"])
def test_goals_that_leave_keys_out_are_repaired_for_a_rung(goal):
    wanted = parse_goal(goal)
    outputs = [ALPHADEV3.contract.outputs[rank] for rank in wanted.ranks(3)]
    contract = replace(ALPHADEV3.contract, outputs=tuple(outputs), goal=wanted, keep=Rung.STABLE)
    found = repair(replace(ALPHADEV3, contract=contract))
    assert not naive.failures(found.kernel)
    assert not naive.breaks(found.kernel, "stable")
