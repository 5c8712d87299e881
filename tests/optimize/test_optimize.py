"""Optimization: every step is right, says why, and the known lengths are reached."""

from functools import partial
from itertools import islice

import naive
import numpy as np
import pytest
from kernels_by_hand import ALPHADEV3, IN_MEMORY3, MEDIAN3, SORT2, compact
from places import KERNELS
from toys import EXTREMA, SELECTS

from sortopt.base import Budget
from sortopt.base.errors import InputError, LimitReached
from sortopt.formats import parse, read
from sortopt.front import front
from sortopt.model.isa import Place
from sortopt.model.kernel import Instr, build, rebuild
from sortopt.model.orders import ALWAYS, parse_precondition
from sortopt.model.verdict import Proved, Unknown
from sortopt.networks import Network, best, lowering
from sortopt.networks.lowering import lower
from sortopt.optimize import Measure, network_walk, optimize
from sortopt.optimize.context import MOST_ROWS, context_of
from sortopt.optimize.edits import far_edits, without_dead, without_loads
from sortopt.optimize.flow import at_entry
from sortopt.optimize.optimizer import Optimization
from sortopt.optimize.program import LENGTH, diff
from sortopt.optimize.rewire import proposals
from sortopt.optimize.schedule import as_network, emit, from_network, schedule
from sortopt.optimize.window import Span, spans
from sortopt.targets import X86_MINMAX
from sortopt.verify import batch, orders_check, verify
from sortopt.verify.columns import comparators, space

SHOWN = read(KERNELS / "claim" / "shown-if-b-le-c.asm").kernel


def is_proved(kernel):
    return isinstance(orders_check.check(kernel), Proved)


def padded(kernel, *where):
    """Return `kernel` with a mov of a cell onto itself at each place."""
    mov = kernel.isa.forms["mov" if "mov" in kernel.isa.forms else "movdqa"]
    program = list(kernel.instructions)
    for place in where:
        program.insert(place, Instr(mov, (0, 0)))
    return rebuild(kernel, program)


def test_a_mov_goes_where_a_precondition_makes_it_needless():
    found = optimize(SHOWN.assuming(parse_precondition("b<c")), rounds=0)
    (step,) = found.steps
    assert step.reason == (
        "mov eax, esi removed: here ecx (b) < esi always holds, "
        "from instruction 1 and the precondition"
    )
    assert [line for line in step.diff if line[0] in "+-"] == ["- mov    eax, esi"]
    assert (len(found.kernel), found.judgement.verdict) == (7, Proved())


def test_with_ties_the_mov_goes_only_against_another_condition():
    found = optimize(SHOWN, rounds=0)
    assert len(found.kernel) == 7
    assert any(i.form.mnemonic == "cmovge" for i in found.kernel.instructions)
    assert is_proved(found.kernel)


def test_a_window_shortens_the_lowering_of_three_keys():
    found = optimize(lower(best(3)), rounds=0)
    (step,) = found.steps
    assert step.method == "window"
    assert step.reason == (
        "instructions 5 to 9 replaced by 4: here eax <= edx always holds, from instructions 3 and 4"
    )
    assert (len(found.kernel), found.stopped) == (11, "nothing more found")
    assert {m.method for m in found.judgement.methods} == {"weak orders", "z3"}


def test_minima_and_maxima_are_shortened_too():
    found = optimize(lower(best(3), X86_MINMAX), rounds=0)
    assert len(found.kernel) == 8
    assert is_proved(found.kernel)


@pytest.mark.parametrize(("isa", "lowered", "least"), [(EXTREMA, 8, 6), (SELECTS, 12, 9)])
def test_instructions_of_three_operands_are_shortened_to_the_least_length(isa, lowered, least):
    kernel = lower(Network(3, ((0, 1), *best(3).comparators)), isa)
    assert len(kernel) == lowered
    found = optimize(kernel, rounds=0).kernel
    assert len(found) == least
    assert not naive.failures(found)


def test_memory_operands_are_used_and_memory_is_written_only_where_it_was():
    found = optimize(IN_MEMORY3, rounds=0)
    assert len(found.kernel) == 16
    assert is_proved(found.kernel)
    assert {i.writes for i in found.kernel.instructions} - set(IN_MEMORY3.contract.outputs)


@pytest.mark.parametrize("kernel", [SORT2, ALPHADEV3, MEDIAN3])
def test_a_shortest_kernel_stays_as_it_is(kernel):
    found = optimize(kernel, rounds=0)
    assert len(found.kernel) == len(kernel)
    assert found.steps == ()


def best_of(n, count):
    """Return the shortest of the first proposals for the lowering of a best network."""
    plain = lower(best(n))
    made = proposals(plain, 0, LENGTH)
    kernels = [found.kernel for found in islice(made, count) if found is not None]
    return min(kernels, key=len)


@pytest.mark.parametrize(("n", "count", "published"), [(5, 8, 32), (6, 6, 45), (7, 5, 60)])
def test_comparators_without_mov_reach_the_published_lengths(n, count, published):
    found = best_of(n, count)
    assert len(found) <= published
    assert is_proved(found)


def test_eight_keys_come_below_the_published_length():
    found = best_of(8, 1)
    assert len(found) <= 75
    assert is_proved(found)
    assert found.contract == lower(best(8)).contract


def test_dead_instructions_are_named():
    kernel = compact("m31 m41 c21 l12 l23", "12", "12")
    edit = without_dead(kernel)
    assert edit.reason == "mov esi, eax (2) removed: no later instruction reads what it writes"
    assert len(edit.kernel) == 4
    assert without_dead(SORT2) is None


@pytest.mark.parametrize("n", [3, 4, 5])
def test_a_load_is_dropped_where_its_key_can_be_read_in_memory(n):
    kernel = lower(best(n))
    kernel = lowering.in_memory(kernel, lowering.buffer(kernel), lowering.buffer(kernel))
    begun = len(kernel)
    while (edit := next(without_loads(kernel), None)) is not None:
        assert len(edit.kernel) == len(kernel) - 1
        assert is_proved(edit.kernel)
        kernel = edit.kernel
    assert begun - len(kernel) == n // 2


def test_a_load_stays_where_the_key_has_left_its_place_or_cannot_be_read_there():
    swap = """
        ; inputs: [rdi] [rdi+4] [rdi+8]
        ; outputs: [rdi+4] [rdi] [rdi+8]
        mov eax, [rdi]
        mov ecx, [rdi+4]
        cmp ecx, [rdi+8]
        mov [rdi], ecx
        cmp eax, ecx
        mov [rdi+4], eax
    """
    assert list(without_loads(parse(swap).kernel)) == []
    stored_over = """
        ; inputs: [rdi] [rdi+4]
        ; outputs: [rdi] [rdi+4]
        mov eax, [rdi]
        mov ecx, [rdi+4]
        mov [rdi], ecx
        cmp eax, ecx
    """
    assert list(without_loads(parse(stored_over).kernel)) == []


def test_edits_of_two_places_are_right():
    swapped_twice = compact("m31 c21 l12 l23 m31 m12 m23 m31 m12 m23", "12", "12")
    edited = [edit.kernel for edit in far_edits(swapped_twice, at_entry(swapped_twice))]
    assert all(len(kernel) < len(swapped_twice) and is_proved(kernel) for kernel in edited)


def test_each_window_keeps_what_its_context_needs():
    context = context_of(lower(best(3)))
    for span in spans(context.kernel, 4):
        task = context.task(span)
        for program in task.programs(4, most=20):
            assert is_proved(span.replaced(program))


def test_what_reaches_a_window_is_the_same_however_it_is_found():
    kernel = lower(best(4))
    exact = context_of(kernel)
    for span in spans(kernel, 3):
        rows = np.unique(exact.reaching(span))
        assert len(rows) <= MOST_ROWS
        assert set(exact.task(span).start) == set(rows)


def test_a_refuted_kernel_is_not_shortened():
    broken = rebuild(SORT2, SORT2.instructions[1:3] + SORT2.instructions[:1])
    with pytest.raises(InputError, match="the kernel is refuted: it fails on 2 1"):
        optimize(broken)


def test_the_best_is_kept_on_ctrl_c():
    def interrupt(step):
        raise KeyboardInterrupt

    found = optimize(padded(lower(best(3)), 4), on_step=interrupt)
    assert found.stopped == "interrupted"
    assert len(found.steps) == 1
    assert found.kernel == found.steps[0].kernel


def test_no_time_means_no_step_and_says_so():
    found = optimize(padded(SORT2, 1), Budget(1e-9))
    assert (found.stopped, found.steps) == ("the time limit of 1e-09 s is reached", ())


def test_the_same_seed_takes_the_same_steps_with_any_number_of_threads():
    kernel = padded(lower(best(3)), 3, 7)
    one = optimize(kernel, Budget(threads=1), rounds=0, seed=5)
    two = optimize(kernel, Budget(threads=2), rounds=0, seed=5)
    assert [step.diff for step in one.steps] == [step.diff for step in two.steps]


def test_latency_comes_first_where_it_is_asked_for():
    measure = Measure(latency=True)
    search = Optimization(context_of(compact("m41 m31 c21 l12 l23 m34 m13", "12", "32")), measure)
    before = measure.of(search.kernel)
    search._windows((1, 2), 10_000)
    assert measure.of(search.kernel) <= before
    assert is_proved(search.kernel)
    costs = [step.cost for step in search.steps]
    assert costs == sorted(costs, reverse=True)


def test_the_front_of_two_keys_is_complete():
    found = front(padded(SORT2, 2), Budget(6000))
    assert [(p.length, p.cycles) for p in found.points] == [(4, 2.0)]
    assert found.covered >= 4
    assert verify(found.points[0].kernel).verdict == Proved()


def test_the_front_of_more_keys_is_what_was_found():
    found = front(lower(best(4)), Budget(1e-9))
    assert found.covered is None
    assert min(p.length for p in found.points) <= 20
    assert all(isinstance(p.judgement.verdict, Proved) for p in found.points)


def test_a_diff_shows_what_went_and_what_came():
    assert diff(padded(SORT2, 1), SORT2)[:2] == ("  mov    edx, eax", "- mov    eax, eax")


def many_keys(n):
    kernel = padded(lower(best(n)), 8, 33)
    return kernel, context_of(kernel)


def by_columns(context):
    """Return whether the first proof holds; the second gets no time, and the verdict is unknown."""
    judgement = context.judge(Budget(1e-9))
    assert isinstance(judgement.verdict, Unknown)
    return judgement.methods[0].verdict == Proved()


def test_nine_keys_are_shortened_by_composition():
    kernel, context = many_keys(9)
    search = Optimization(context)
    search._sweep(1, 1000, ())
    assert len(search.kernel) == len(kernel) - 2
    judgement = search.context.judge()
    assert [(m.method, m.verdict) for m in judgement.methods] == [
        ("columns of 0-1 inputs, windows by composition", Proved()),
        ("z3", Proved()),
    ]
    assert judgement.verdict == Proved()
    keys = np.random.default_rng(0).integers(1, 7, (9, 20_000)).astype(np.int8)
    assert (batch.run(search.kernel, keys) == np.sort(keys, axis=0)).all()


def test_composition_refuses_a_program_that_leaves_something_else():
    kernel, context = many_keys(9)
    for first in (0, 21, 54):
        instructions = kernel.instructions[first : first + 4]
        cells = tuple(sorted({c for i in instructions for c in i.operands}))
        span = Span(kernel, first, first + 4, cells)
        assert context.with_window(span, span.program[:-1]) is None
        assert context.with_window(span, span.program) is not None


def test_sixteen_keys_come_below_the_plain_lowering():
    plain = lower(best(16))
    network = from_network(space(16, ALWAYS), best(16))
    found = emit(plain, network, schedule(network, width=20))
    assert len(found) < len(plain) == 240
    assert by_columns(context_of(found))
    keys = np.random.default_rng(0).integers(1, 12, (16, 20_000)).astype(np.int8)
    assert (batch.run(found, keys) == np.sort(keys, axis=0)).all()


@pytest.mark.parametrize("n", [9, 16])
def test_many_keys_get_the_comparators_of_a_walk(n, monkeypatch):
    brief = partial(network_walk.networks, changes=2_000)
    monkeypatch.setattr(network_walk, "networks", brief)
    kernel = lower(best(n))
    made = proposals(kernel, 0, LENGTH)
    walked = [p for p in islice(made, 7) if p and "random walk" in p.reason]
    assert walked
    for proposal in walked:
        assert len(proposal.kernel) < len(kernel) + 4
        assert by_columns(context_of(proposal.kernel))


@pytest.mark.parametrize("n", [3, 5, 9])
def test_a_network_and_its_columns_are_the_same_thing(n):
    found = space(n, ALWAYS)
    pairs = comparators(lower(best(n)))
    assert as_network(found, pairs).layers == best(n).layers


def in_memory(kernel):
    """Return `kernel` over memory: each key is loaded just before its use, stored in the end."""
    n, names = kernel.n, [cell.name for cell in kernel.cells]
    buffer = [f"[rdi+{4 * i}]" if i else "[rdi]" for i in range(n)]
    mov, program, loaded = kernel.isa.form("mov"), [], set()
    for instruction in kernel.instructions:
        for cell in sorted({*instruction.operands} - loaded):
            if cell < n:
                program.append((mov, (names[cell], buffer[cell])))
                loaded.add(cell)
        program.append((instruction.form, tuple(names[c] for c in instruction.operands)))
    stores = [(mov, (buffer[i], names[cell])) for i, cell in enumerate(kernel.contract.outputs)]
    places = dict.fromkeys(buffer, Place.MEMORY) | dict.fromkeys(names, Place.REGISTER)
    return build(kernel.isa, [*program, *stores], inputs=buffer, outputs=buffer, place_of=places)


def test_many_keys_in_memory_are_compared_where_they_lie():
    kernel = in_memory(lower(best(10)))
    search = Optimization(context_of(kernel))
    search._sweep(5, 100_000, ())
    assert len(search.kernel) <= len(kernel) - 3
    assert all("same result for every order of" in step.reason for step in search.steps)
    assert by_columns(search.context)
    keys = np.random.default_rng(0).integers(1, 7, (10, 20_000)).astype(np.int8)
    assert (batch.run(search.kernel, keys) == np.sort(keys, axis=0)).all()


def test_a_kernel_over_memory_gets_other_comparators_between_loads_and_stores():
    kernel = in_memory(lower(best(5)))
    made = proposals(kernel, 0, LENGTH)
    found = min((p.kernel for p in islice(made, 8) if p), key=len)
    assert len(found) == 32 + 10
    assert found.contract == kernel.contract
    assert is_proved(found)


def test_more_keys_than_can_be_run_need_comparators():
    kernel = lower(best(9))
    broken = rebuild(kernel, [*kernel.instructions[:-3], *kernel.instructions[-2:]])
    with pytest.raises(LimitReached, match="kernel of 9 keys"):
        optimize(broken)


def test_a_contract_that_is_not_plain_sorting_gets_no_other_network():
    made = proposals(MEDIAN3, 0, LENGTH)
    assert list(made) == []
