"""Every kernel in kernels/ is what its header says, recomputed here by means of its own."""

import re
import tomllib
from functools import cache
from itertools import product

import naive
import pytest
from corpus import load
from places import KERNELS, ROOT

from sortopt.base.errors import InputError
from sortopt.formats import print_kernel
from sortopt.model import interpreter as machine
from sortopt.model.dataflow import critical_path
from sortopt.model.orders import ALWAYS
from sortopt.model.rung import Rung
from sortopt.networks import Network, best
from sortopt.networks.lowering import lower
from sortopt.tasks.candidates import KERNELS as BUNDLED
from sortopt.verify import verify
from sortopt.verify.preconditions import weakest_conjunctions

CORPUS = load(KERNELS)
ALL = pytest.mark.parametrize("entry", CORPUS.entries, ids=lambda entry: entry.name)

WEAKEST = {
    "cgo25/sort3-len11-depth6-if-b-ne-c": {"a <= b", "a <= c", "b != c"},
    "claim/shown-if-b-le-a": {"b <= a", "b <= c"},
    "claim/shown-if-b-le-c": {"b <= a", "b <= c"},
    "claim/with-cmovge-if-b-le-c": {"b <= c"},
    "claim/without-mov-if-b-le-c": {"b < c", "a <= c and b <= c"},
    "claim/without-mov-if-b-lt-c": {"b < c", "a <= c and b <= c"},
    "swap/whole": {"b <= a"},
    "swap/without-first-mov": set(),
    "swap/without-second-mov": {"a = b"},
    "swap/without-third-mov": {"a = b"},
}
"""The weakest pairwise preconditions under which each kernel that assumes something is correct."""

MOST_KEYS_TRIED_ONE_BY_ONE = 5
"""Up to this many keys plain Python tries every weak order; for more, a sample."""

MOST_SCRATCH_TRIED_ONE_BY_ONE = 4
"""Up to this many scratch cells plain Python tries all that they may hold."""


def is_small(kernel):
    """Return whether plain Python tries every weak order, scratch content and flags."""
    few = len(kernel.scratch) <= MOST_SCRATCH_TRIED_ONE_BY_ONE
    return few and kernel.n <= MOST_KEYS_TRIED_ONE_BY_ONE


def fails(kernel, keys):
    """Return whether the interpreter, knowing nothing of scratch and flags, fails on `keys`."""
    wanted = tuple(sorted(keys)[rank] for rank in kernel.contract.goal.ranks(kernel.n))
    return machine.run(kernel, keys) != wanted


def failing_orders(kernel):
    """Return the weak orders on which `kernel` fails, whatever it assumes; of many, a sample."""
    if kernel.n > MOST_KEYS_TRIED_ONE_BY_ONE:
        orders = [tuple(map(int, row)) for row in weak_orders(kernel.n)[::997]]
    else:
        orders = naive.weak_orders(kernel.n)
    return sorted(keys for keys in orders if fails(kernel, keys))


@cache
def weak_orders(n):
    """Return all weak orders of n keys as the rows of an array."""
    return naive.weak_order_rows(n)


@pytest.mark.parametrize("n", range(1, 6))
def test_rows_are_the_weak_orders(n):
    rows = [tuple(map(int, row)) for row in weak_orders(n)]
    assert len(rows) == len(set(rows))
    assert set(rows) == naive.weak_orders(n)


def lacks_its_rung(kernel):
    """Return whether brute force says so."""
    keep = kernel.contract.keep
    return keep is not Rung.VALUES and naive.breaks(kernel, str(keep))


@ALL
def test_expectation_holds_over_all_weak_orders(entry):
    assume = entry.kernel.contract.assume
    failed = [keys for keys in failing_orders(entry.kernel) if assume.holds(keys)]
    assert entry.expect == ("refuted" if failed or lacks_its_rung(entry.kernel) else "proved")


failures = cache(naive.failures)


@ALL
def test_expectation_holds_by_an_interpreter_of_its_own_and_any_scratch_and_flags(entry):
    kernel, assume = entry.kernel, entry.kernel.contract.assume
    if is_small(kernel):
        failed = failures(kernel)
    else:
        failed = naive.failing_rows(kernel, weak_orders(kernel.n))
    failed = [keys for keys in failed if assume.holds(keys)]
    assert (entry.expect == "refuted") == (bool(failed) or lacks_its_rung(kernel))


@pytest.mark.parametrize("n", range(2, 9))
def test_all_weak_orders_at_once_tell_a_network_from_one_less(n):
    whole = lower(best(n))
    assert len(naive.failing_rows(whole, weak_orders(n))) == 0
    for gone in range(0, best(n).size, 4):
        pairs = [pair for i, pair in enumerate(best(n).comparators) if i != gone]
        assert len(naive.failing_rows(lower(Network(n, tuple(pairs))), weak_orders(n))) > 0


SMALL = [entry for entry in CORPUS if is_small(entry.kernel)]


@pytest.mark.parametrize("entry", SMALL, ids=lambda entry: entry.name)
def test_trying_all_weak_orders_at_once_agrees_with_one_by_one(entry):
    orders, failed = weak_orders(entry.kernel.n), set()
    for seed in range(20):
        rows = naive.failing_rows(entry.kernel, orders, seed)
        failed |= {tuple(map(int, row)) for row in rows}
    assert failed == failures(entry.kernel)


@ALL
def test_expectation_holds_by_both_proofs(entry):
    judgement = verify(entry.kernel)
    assert [method.verdict.name for method in judgement.methods] == [entry.expect] * 2


def test_every_kernel_with_a_precondition_has_its_weakest_ones_listed():
    assuming = {entry.name for entry in CORPUS if entry.kernel.contract.assume != ALWAYS}
    assert assuming == WEAKEST.keys()


@pytest.mark.parametrize("name", WEAKEST)
def test_weakest_pairwise_preconditions_are_found_from_the_failures_alone(name):
    failing = failing_orders(CORPUS.find(name).kernel)
    orders = sorted(naive.weak_orders(CORPUS.find(name).kernel.n))
    found = weakest_conjunctions(orders, failing)
    assert {str(precondition) for precondition in found} == WEAKEST[name]


@pytest.mark.parametrize("name", WEAKEST)
def test_weakest_single_comparisons_agree_with_trying_all_of_them(name):
    kernel = CORPUS.find(name).kernel
    everything, failing = naive.weak_orders(kernel.n), set(failing_orders(kernel))
    admitted = {
        f"{'abc'[i]} {relation} {'abc'[j]}": {o for o in everything if holds(o[i], o[j])}
        for i, j in product(range(kernel.n), repeat=2) if i != j
        for relation, holds in RELATIONS.items()
        if i < j or relation in ("<", "<=")
    }  # fmt: skip
    sound = {text: orders for text, orders in admitted.items() if orders and not orders & failing}
    assert {assume for assume in WEAKEST[name] if " and " not in assume} == {
        text
        for text, orders in sound.items()
        if not any(orders < other for other in sound.values())
    }


RELATIONS = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


@pytest.mark.parametrize("name", [n for n in WEAKEST if CORPUS.find(n).expect == "proved"])
def test_a_proved_kernel_assumes_one_of_its_weakest_preconditions_or_more(name):
    kernel = CORPUS.find(name).kernel
    assert str(kernel.contract.assume) in WEAKEST[name]
    assert verify(kernel.assuming(ALWAYS)).verdict.name == "refuted"


@ALL
def test_header_states_everything(entry):
    text = entry.path.read_text(encoding="utf-8")
    for directive in ("inputs", "outputs", "assume", "expect", "source"):
        assert re.search(rf"^(?:[;#]|//) {directive}: +\S", text, re.M), directive
    assert entry.file.title
    assert entry.file.source


@ALL
def test_file_is_written_as_the_printer_writes_it(entry):
    file, text = entry.file, entry.path.read_text(encoding="utf-8")
    printed = print_kernel(
        file.kernel, file.dialect, title=file.title, expect=file.expect, source=file.source,
        pairs="ldp" in text,
    ).splitlines()  # fmt: skip
    assert [line for line in text.splitlines() if line in printed] == printed


@ALL
def test_name_carries_keys_length_and_depth(entry):
    stem = entry.path.stem
    sized = re.match(r"(?:sort|median)(\d+)(?:-len(\d+)-depth(\d+))?", stem)
    if entry.family.split("/")[0] in ("lowered", "minmax", "cgo25", "found", "kept", "float"):
        depth, _ = critical_path(entry.kernel, lambda _: 1)
        assert tuple(map(int, sized.groups())) == (entry.kernel.n, len(entry.kernel), depth)
    elif entry.family == "alphadev":
        assert int(sized[1]) == entry.kernel.n
    else:
        assert sized is None


def test_the_corpus_comes_with_the_package():
    assert BUNDLED.resolve() == KERNELS
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"][
        "package-data"
    ]["sortopt"]
    package = BUNDLED.parents[1]
    shipped = {path for pattern in patterns for path in package.glob(pattern)}
    assert {BUNDLED / entry.path.relative_to(KERNELS) for entry in CORPUS} <= shipped


def test_corpus_holds_the_families_and_the_kernels_that_others_name():
    assert {"alphadev", "cgo25", "claim", "lowered", "minmax", "swap"} <= set(CORPUS.families)
    lengths = {name: len(CORPUS.find(f"alphadev/{name}").kernel) for name in ALPHADEV}
    assert lengths == ALPHADEV
    lowered = [(entry.kernel.n, len(entry.kernel)) for entry in CORPUS.family("lowered")]
    assert lowered == [(2, 4), (3, 12), (4, 20), (5, 36)]


ALPHADEV = {"sort3": 11, "sort4": 20, "sort5": 33}


def test_claim_separates_on_the_inputs_that_are_told():
    def out(name, *keys):
        return machine.run(CORPUS.find(f"claim/{name}").kernel, keys)

    assert out("shown", 3, 2, 1) == (1, 2, 3)
    assert out("without-mov", 3, 2, 1) == (3, 2, 3)
    assert out("shown", 1, 3, 2) == (1, 3, 2)
    assert out("shown", 3, 7, 5) == (3, 7, 5)
    assert out("without-mov", 2, 1, 1) == (2, 1, 2)


def test_published_kernel_fails_on_exactly_one_weak_order():
    kernel = CORPUS.find("cgo25/sort3-len11-depth6").kernel
    assert failing_orders(kernel) == [(2, 1, 1)]
    assert machine.run(kernel, (2, 1, 1)) == (2, 1, 2)


SORT2 = "; inputs: eax ecx\n; outputs: eax ecx\n; expect: refuted\nmov eax, ecx\n"


def test_load_passes_over_other_files(tmp_path):
    (tmp_path / "some").mkdir()
    (tmp_path / "some" / "kernel.asm").write_text(SORT2)
    (tmp_path / "notes.md").write_text("# no kernel")
    (entry,) = load(tmp_path)
    assert (entry.name, entry.family, entry.expect) == ("some/kernel", "some", "refuted")


def test_find_suggests_a_near_name():
    with pytest.raises(InputError, match=r"did you mean alphadev/sort3\?"):
        CORPUS.find("alphadev/srot3")


def test_load_refuses_what_is_no_corpus(tmp_path):
    with pytest.raises(InputError, match="no folder"):
        load(tmp_path / "missing")
    with pytest.raises(InputError, match="holds no kernel file"):
        load(tmp_path)


def test_load_refuses_a_file_without_expectation(tmp_path):
    (tmp_path / "kernel.asm").write_text(SORT2.replace("; expect: refuted\n", ""))
    with pytest.raises(InputError, match="states no expectation"):
        load(tmp_path)


def test_load_refuses_two_files_of_one_name(tmp_path):
    (tmp_path / "kernel.asm").write_text(SORT2)
    (tmp_path / "kernel.s").write_text(SORT2)
    with pytest.raises(InputError, match="have one name"):
        load(tmp_path)
