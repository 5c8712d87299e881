import pytest
from kernels_by_hand import ALPHADEV3, MINMAX3, SORT2
from toys import EXTREMA, SORT2_EXTREMA

from sortopt.base.errors import InputError
from sortopt.model.cost import Latencies, cpu_families, latencies, latencies_for
from sortopt.model.isa import Place
from sortopt.model.kernel import build
from sortopt.networks import best, lower
from sortopt.targets import ISAS, X86_CMOV


@pytest.mark.parametrize("cpu", cpu_families())
def test_every_table_covers_every_form_and_names_its_source(cpu):
    table = latencies(cpu)
    assert table.cpu == cpu
    assert table.title
    assert table.mca
    assert table.source
    assert all(table.source)
    whole = set()
    for isa in ISAS.values():
        inside = {
            form.mnemonic
            for form in isa.forms.values()
            if form.admits((isa.place,) * len(form.operands))
        }
        if isa.machine.name == table.machine and inside <= table.latency.keys():
            whole |= inside
    assert set(table.latency) == whole
    assert cpu in cpu_families(table.machine)


@pytest.mark.parametrize("isa", ISAS.values(), ids=lambda isa: isa.name)
def test_the_latencies_of_a_set_are_by_default_those_of_its_machine(isa):
    table = latencies_for(isa)
    assert table.machine == isa.machine.name
    other = next(cpu for cpu in cpu_families() if cpu not in cpu_families(isa.machine.name))
    with pytest.raises(InputError, match=f"{other} does not run {isa.name} kernels; use one of"):
        latencies_for(isa, other)
    assert all(0 <= cycles <= 5 for cycles in table.latency.values())
    assert all(3 <= cycles <= 10 for cycles in (table.load, table.vector_load, table.store))


def test_unknown_cpu_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match=r"no latency table for CPU 'z80'; use one of .*skylake"):
        latencies("z80")


def test_length_counts_instructions():
    assert len(ALPHADEV3) == 11


def test_critical_path_of_a_network_step_is_compare_and_move():
    # one comparator: cmp 1, cmov 1, the move is free
    assert latencies("zen3").critical_path(SORT2) == 2
    assert latencies("haswell").critical_path(SORT2) == 3
    assert latencies("zen5").critical_path(SORT2) == 3


def test_critical_path_of_min_max_kernel_by_hand():
    # lo = min(a,b) 1, t = min(hi,c) 2, median = max(t,lo) 3
    assert latencies("zen3").critical_path(MINMAX3) == 3


def test_memory_operands_add_the_load():
    mov, cmp, cmovl = (X86_CMOV.form(m) for m in ("mov", "cmp", "cmovl"))
    places = {"[p]": Place.MEMORY, "[p+4]": Place.MEMORY, "eax": Place.REGISTER}
    places["ecx"] = Place.REGISTER
    kernel = build(
        X86_CMOV,
        [
            (mov, ("eax", "[p]")),
            (mov, ("ecx", "[p+4]")),
            (cmp, ("ecx", "eax")),
            (cmovl, ("ecx", "[p]")),
            (cmovl, ("eax", "[p+4]")),
            (mov, ("[p]", "eax")),
            (mov, ("[p+4]", "ecx")),
        ],
        inputs=["[p]", "[p+4]"],
        outputs=["[p]", "[p+4]"],
        place_of=places,
    )
    table = latencies("zen3")
    cycles = [table.of(kernel, instruction) for instruction in kernel.instructions]
    assert cycles == [4, 4, 1, 5, 5, 7, 7]
    assert table.critical_path(kernel) == 4 + 1 + 5 + 7


def test_length_and_latency_of_three_operands_are_by_mnemonic():
    table = Latencies(
        "toy", "toy", "toys", "toy", ("a test",), {"mov": 0, "smin": 2, "smax": 3}, 4, 5, 6
    )
    assert len(SORT2_EXTREMA) == 3
    assert table.critical_path(SORT2_EXTREMA) == 3
    assert table.critical_path(lower(best(3), EXTREMA)) == 2 + 3 + 3


def test_instruction_without_latency_is_refused_with_its_name():
    bare = Latencies("bare", "x86-64", "no CPU", "bare", ("a test",), {"mov": 0}, 4, 5, 6)
    with pytest.raises(InputError, match="table of bare lacks cmp"):
        bare.critical_path(SORT2)
