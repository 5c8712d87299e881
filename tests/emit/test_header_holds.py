"""Each sentence of the header of emitted C is held against what the compiled code does.

The code runs on every weak order that the precondition admits, spread over the key type; what
becomes of equal keys shows in the C++ template, which has the same header, on labelled keys.
"""

import re

import numpy as np
import pytest
from compiled import compiler, expected_rows, main_in_c, run
from kernels_by_hand import (
    ALPHADEV3,
    ALPHADEV4,
    FAILS_ON_TIES,
    MEDIAN3,
    MINMAX3,
    SORT2,
    UNSIGNED2,
    compact,
    network,
)

from sortopt.emit import emit
from sortopt.model import KEY_TYPES, parse_precondition
from sortopt.model.goal import Goal
from sortopt.model.kernel import build
from sortopt.model.orders import weak_orders
from sortopt.targets import X86_CMOV
from sortopt.verify import weakest_preconditions

pytestmark = pytest.mark.skipif(
    compiler("gcc") is None or compiler("g++") is None, reason="no C and C++ compiler here"
)


def of_flags_on_entry():
    """Return a kernel whose first move depends on what the flags hold on entry."""
    program = [("cmovl", ("eax", "ecx")), ("cmovl", ("ecx", "eax"))]
    return build(
        X86_CMOV,
        [(X86_CMOV.form(op), cells) for op, cells in program],
        inputs=("eax", "ecx"),
        outputs=("eax", "ecx"),
        assume=parse_precondition("a = b"),
    )


def minimum2(move):
    """Return a kernel of the least of two keys; on a tie `move` says which."""
    program = [("cmp", ("eax", "ecx")), (move, ("eax", "ecx"))]
    return build(
        X86_CMOV,
        [(X86_CMOV.form(op), cells) for op, cells in program],
        inputs=("eax", "ecx"),
        outputs=("eax",),
        goal=Goal("min"),
    )


KERNELS = {
    "sort2": SORT2,
    "unsigned2": UNSIGNED2,
    "eager2": compact("m31 c21 L12 L23", "12", "12"),
    "alphadev3": ALPHADEV3,
    "alphadev4": ALPHADEV4,
    "bubble3": network("12", "23", "12"),
    "other3": network("13", "12", "23"),
    "minmax3": MINMAX3,
    "median3": MEDIAN3,
    "first2": minimum2("cmovg"),
    "last2": minimum2("cmovge"),
    "flags2": of_flags_on_entry(),
    "distinct3": FAILS_ON_TIES.assuming(parse_precondition("a != b, b != c, a != c")),
    **{
        f"given3_{i}": FAILS_ON_TIES.assuming(assume)
        for i, assume in enumerate(weakest_preconditions(FAILS_ON_TIES)[:3])
    },
}


def facts(text):
    """Return the header of emitted C as its first line and a dict of what each label says."""
    lines = [line[3:] for line in text.partition("\n\n#ifndef")[0].split("\n")]
    found, label = {}, ""
    for line in lines[2:]:
        name = re.match(r"([a-z]+): +", line)
        label = name[1] if name else label
        found[label] = f"{found.get(label, '')} {line[14:]}".strip()
    return lines[0], found


def main_of_records(number, kernel, name):
    """Return a C++ function that prints the places, on entry, of the keys that come out."""
    n, outputs = kernel.n, len(kernel.contract.outputs)
    arguments, shown = ("k", "k") if outputs == n else ("k, o", "o")
    return f"""
static void run{number}() {{
    int v[{n}]; Record k[{n}], o[{outputs}];
    while (fread(v, sizeof v, 1, stdin) == 1) {{
        for (int i = 0; i < {n}; i++) {{ k[i].key = v[i]; k[i].place = i; }}
        {name}({arguments}, below); (void)o;
        for (int i = 0; i < {outputs}; i++) fwrite(&{shown}[i].place, sizeof(int), 1, stdout);
    }}
}}
"""


RECORDS = """#include <cstdio>
#include <cstdlib>
struct Record { int key; int place; };
static bool below(const Record &a, const Record &b) { return a.key < b.key; }
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Return by name: kernel, key type, header, inputs, outputs, places of records that came out
    (None where the template takes integers only)."""
    folder = tmp_path_factory.mktemp("header")
    cases = [
        (k, key, f"{name}_{key}")
        for name, k in KERNELS.items()
        for key in ("int32", "uint64")
        if k.isa is X86_CMOV or key == "int32"
    ]
    texts = {name: emit(kernel, "c", name=name, key=key) for kernel, key, name in cases}
    (folder / "main.c").write_text("".join(texts.values()) + main_in_c(cases))
    run(["gcc", "-O1", "main.c", "-o", "main"], cwd=folder)
    templates = {name: emit(k, "cpp", name=name) for name, k in KERNELS.items()}
    free = {name: text for name, text in templates.items() if "static_assert" not in text}
    functions = "".join(main_of_records(i, KERNELS[n], n) for i, n in enumerate(free))
    calls = "".join(f"    if (atoi(argv[1]) == {i}) run{i}();\n" for i in range(len(free)))
    (folder / "records.cpp").write_text(
        f"{''.join(free.values())}{RECORDS}{functions}int main(int, char **argv) {{\n{calls}}}\n"
    )
    run(["g++", "-O1", "records.cpp", "-o", "records"], cwd=folder)
    found = {}
    for number, (kernel, key, name) in enumerate(cases):
        orders = [o for o in weak_orders(kernel.n) if kernel.contract.precondition.holds(o)]
        kind = KEY_TYPES[key]
        values = [kind.least, 0 if kind.signed else 7, 1 << (kind.bits - 2), kind.greatest]
        rows = np.array([[values[rank - 1] for rank in order] for order in orders], key)
        got = run([str(folder / "main"), str(number)], input=rows.tobytes())
        places, short = None, name.rpartition("_")[0]
        if short in free:
            ranks = np.array(orders, np.int32).tobytes()
            said = run([str(folder / "records"), str(list(free).index(short))], input=ranks)
            places = np.frombuffer(said, np.int32).reshape(len(rows), -1)
        out = np.frombuffer(got, key).reshape(len(rows), -1)
        found[name] = kernel, key, facts(texts[name]), rows, out, places
    return found


def holds_of_ties(sentence, kernel, rows, places):
    """Return whether what the header says of equal keys is so."""
    whole = len(kernel.contract.outputs) == kernel.n
    if sentence == "none: the precondition admits no equal keys":
        return all(len(set(row)) == kernel.n for row in rows.tolist())
    if sentence.startswith("keys that compare equal must be interchangeable"):
        return places is None
    ranks = list(kernel.contract.goal.ranks(kernel.n))
    stable = np.array_equal(places, np.argsort(rows, axis=1, kind="stable")[:, ranks])
    kept = all(len(set(row)) == len(row) for row in places.tolist())
    return {
        "stable: keys that compare equal keep their order": whole and stable,
        "stable: keys that compare equal come out as a stable sort would have them": stable
        and not whole,
        "not stable, but keys that compare equal and differ are all kept": whole
        and kept
        and not stable,
        "not stable: which of the keys that compare equal comes out is left open": not stable,
    }[sentence]


def test_every_sentence_of_the_header_holds_of_the_compiled_code(ran):
    seen = set()
    for name, (kernel, key, (purpose, said), rows, out, places) in ran.items():
        assume = kernel.contract.precondition
        wanted = expected_rows(kernel, rows)
        assert np.array_equal(out, wanted), name
        assert set(said) == {
            "contract", "precondition", "ties", "verdict", "length", "keys", "found", "licence",
        }  # fmt: skip
        assert f"{kernel.n} keys of type {key}" in purpose
        assert ("given" in purpose) == bool(assume)
        assert said["precondition"].startswith(str(assume) if assume else "none")
        assert holds_of_ties(said["ties"], kernel, rows, places), (name, said["ties"])
        equal = any(len(set(row)) < kernel.n for row in rows.tolist())
        given = " that satisfy the precondition" if assume else ""
        included = ", equal ones included" if equal else ""
        assert said["verdict"] == f"proved for all keys{given}{included}, by weak orders and z3"
        assert said["length"] == f"{len(kernel)} instructions ({kernel.isa.name})"
        sign = "unsigned" if key.startswith("u") else "signed"
        assert said["keys"].startswith((f"read as {sign}", "read without regard to a sign"))
        seen.add(said["ties"])
    assert len(seen) == 6, "\n".join(seen)
