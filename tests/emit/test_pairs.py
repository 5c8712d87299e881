"""Keys with payloads, argsorts and comparators: what is written, compiled and run.

The oracle is the interpreter on records: values that compare by their key and are themselves.
"""

from functools import cache
from itertools import product

import numpy as np
import pytest
from compiled import compiler, run
from kernels_by_hand import ALPHADEV3, ALPHADEV4, SORT2, compact, network
from places import KERNELS

from sortopt import load
from sortopt.base import InputError
from sortopt.emit import Items, Provenance, emit
from sortopt.emit.pairs import doubled
from sortopt.emit.plain import Choice, Less, asks_both_ways, calls, plain
from sortopt.model import HIGHER, Judgement, MethodVerdict, Proved, Rung, parse_precondition
from sortopt.model.dataflow import dead_instructions
from sortopt.model.goal import Goal
from sortopt.model.interpreter import run as interpret
from sortopt.model.orders import weak_orders
from sortopt.networks import best, lower
from sortopt.verify import elements

LEAST2 = compact("c12 g12", "12", "1", goal=Goal("min"))
STABLE3 = load(KERNELS / "kept" / "sort3-len11-depth6-stable.asm")
ASKS_BOTH2 = compact("m31 m42 c12 g12 m23 l24 e24", "12", "12")
"""Safe, if less(a, b) and less(b, a) never both hold; else a is lost."""

SORTING = {
    "sort2": SORT2,
    "stable3": STABLE3,
    "sort4": ALPHADEV4,
    "sort5": lower(best(5)),
    "sort6": lower(best(6)),
    "sort8": lower(best(8)),
    "least2": LEAST2,
    "given3": network("23", "12").assuming(parse_precondition("a<=b")),
}
STRICT = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-O2"]


def trusted(kernel, items):
    """Return the provenance of a kernel of many keys, which other tests prove."""
    if kernel.n < 6:
        return None
    asked = kernel.keeping(items.asked_of(kernel.contract.keep))
    judgement = Judgement(Proved(), (MethodVerdict("z3", Proved(), 0.0),), asked)
    return Provenance(judgement=judgement, rungs=dict.fromkeys(HIGHER, judgement))


def written(kernel, target, name, **items):
    """Return the kernel as source text."""
    return emit(
        kernel, target, Items(**items), name=name, provenance=trusted(kernel, Items(**items))
    )


class Record(int):
    """A key with an identity: compares by value, is itself."""


@cache
def cases_of(kernel):
    """Return inputs, and which of its keys each output holds: all weak orders, or of many some."""
    orders = weak_orders(kernel.n)[:: {6: 17, 8: 1009}.get(kernel.n, 1)]
    orders = [order for order in orders if kernel.contract.precondition.holds(order)]
    places = []
    for order in orders:
        records = [Record(key) for key in order]
        out = interpret(kernel, records)
        places.append([next(i for i, r in enumerate(records) if r is key) for key in out])
    return np.array(orders, np.int32), np.array(places)


FORMS = {
    "arrays": {"payload": "uint64_t"},
    "records": {"payload": "double", "layout": "records"},
    "places": {"argsort": True, "payload": "uint8"},
}
FUNCTIONS = [(kernel, form, f"{name}_{form}") for name, kernel in SORTING.items() for form in FORMS]


def main_in_c():
    """Return a C main that applies function number argv[1] to keys on stdin, with their places."""
    cases = []
    for number, (kernel, form, name) in enumerate(FUNCTIONS):
        n, m = kernel.n, len(kernel.contract.outputs)
        whole = n == m
        if form == "arrays":
            made = f"uint64_t p[{n}], q[{n}]; FILL(p[i] = i);"
            call = f"{name}(k, p)" if whole else f"{name}(k, p, o, q)"
            shown = "SHOW(k[i], p[i])" if whole else "SHOW(o[i], q[i])"
        elif form == "records":
            made = (
                f"struct {name}_record r[{n}], q[{n}]; FILL((r[i].key = k[i], r[i].payload = i));"
            )
            call = f"{name}(r)" if whole else f"{name}(r, q)"
            shown = "SHOW({0}[i].key, {0}[i].payload)".format("r" if whole else "q")
        else:
            made = f"uint8_t q[{m}]; memcpy(o, k, sizeof k);"
            call, shown = (
                f"{name}(k, q); if (memcmp(o, k, sizeof k)) return 4",
                "SHOW(k[q[i]], q[i])",
            )
        cases.append(
            f"case {number}: {{ enum {{ n = {n}, m = {m} }}; int32_t k[n], o[n]; (void)o;\n"
            f"while (fread(k, sizeof k, 1, stdin) == 1) {{ {made} {'(void)q;' * ('q' in made)}\n"
            f"{call}; {shown}; }} break; }}\n"
        )
    return (
        "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n"
        "#define FILL(set) for (int i = 0; i < n; i++) set\n"
        "#define SHOW(key, place) for (int i = 0; i < m; i++) { int32_t out[2] = "
        "{(int32_t)(key), (int32_t)(place)}; fwrite(out, sizeof out, 1, stdout); }\n"
        "int main(int argc, char **argv)\n{\n(void)argc; switch (atoi(argv[1])) {\n"
        f"{''.join(cases)}default: return 3; }}\nreturn 0;\n}}\n"
    )


def check(program):
    """Assert that every function does with keys and places what the interpreter does."""
    for number, (kernel, _, name) in enumerate(FUNCTIONS):
        rows, places = cases_of(kernel)
        out = run([str(program), str(number)], input=rows.tobytes())
        got = np.frombuffer(out, np.int32).reshape(len(rows), -1, 2)
        assert np.array_equal(got[:, :, 1], places), name
        assert np.array_equal(got[:, :, 0], np.take_along_axis(rows, places, axis=1)), name


@pytest.mark.parametrize(
    ("target", "suffix", "command"),
    [("c", "c", ["gcc", "-std=c99", "-masm=intel"]), ("cpp", "cpp", ["g++", "-std=c++11"])],
    ids=["c in assembly", "cpp in plain form"],
)
def test_payloads_go_where_their_keys_go_on_all_ties(tmp_path, target, suffix, command):
    if compiler(command[0]) is None:
        pytest.skip(f"no {command[0]} here")
    text = "".join(written(kernel, target, name, **FORMS[form]) for kernel, form, name in FUNCTIONS)
    if target == "cpp":
        text = text.replace("#if defined(__GNUC__)", "#if 0 && defined(__GNUC__)")
    (tmp_path / f"main.{suffix}").write_text(text + main_in_c())
    run([*command, *STRICT, f"main.{suffix}", "-o", "main"], cwd=tmp_path)
    check(tmp_path / "main")


@pytest.mark.parametrize("name", [name for name, kernel in SORTING.items() if kernel.n < 6])
def test_a_header_says_stable_where_and_only_where_every_place_is_as_in_a_stable_sort(name):
    kernel = SORTING[name]
    rows, places = cases_of(kernel)
    ranks = list(kernel.contract.goal.ranks(kernel.n))
    stable = np.array_equal(places, np.argsort(rows, axis=1, kind="stable")[:, ranks])
    said = written(kernel, "c", name, argsort=True).partition("// ties:")[2].partition("\n")[0]
    assert said.strip().startswith("stable" if stable else "not stable")


def main_in_rust():
    """Return the same in Rust."""
    cases = []
    for number, (kernel, form, name) in enumerate(FUNCTIONS):
        n, m = kernel.n, len(kernel.contract.outputs)
        called, whole = f"{name}::{name}", n == m
        if form == "arrays":
            call = f"let mut p = [0u64; {n}]; for i in 0..{n} {{ p[i] = i as u64; }}"
            if whole:
                call += f"{called}(&mut k, &mut p); let (o, q) = (k, p);"
            else:
                call += (
                    f"let (mut o, mut q) = ([0; {m}], [0; {m}]); {called}(&k, &p, &mut o, &mut q);"
                )
        elif form == "records":
            call = f"let mut r = [(0, 0.0); {n}]; for i in 0..{n} {{ r[i] = (k[i], i as f64); }}"
            call += (
                f"{called}(&mut r);"
                if whole
                else f"let mut s = [(0, 0.0); {m}]; {called}(&r, &mut s); let r = s;"
            )
            call += "let (o, q) = (r.map(|x| x.0), r.map(|x| x.1));"
        else:
            call = f"let mut q = [0; {m}]; {called}(&k, &mut q); let o = q.map(|x| k[x as usize]);"
        cases.append(
            f"{number} => for group in data.chunks_exact({4 * n}) {{\n"
            f"    let mut k = [0i32; {n}];\n"
            "    for (i, b) in group.chunks_exact(4).enumerate() {\n"
            "        k[i] = i32::from_le_bytes(b.try_into().unwrap()); }\n"
            f"    {call}\n    for (a, b) in o.iter().zip(q) {{\n"
            "        out.extend_from_slice(&a.to_le_bytes());\n"
            "        out.extend_from_slice(&(b as i32).to_le_bytes()); }\n},\n"
        )
    modules = "".join(f"mod {name};\n" for _, _, name in FUNCTIONS)
    return (
        f"#![deny(warnings)]\n#![allow(unused_mut)]\n{modules}"
        "use std::io::{Read, Write};\nfn main() {\n"
        "    let mut data = Vec::new();\n    let mut out = Vec::new();\n"
        "    std::io::stdin().read_to_end(&mut data).unwrap();\n"
        "    match std::env::args().nth(1).unwrap().parse::<u32>().unwrap() {\n"
        f"{''.join(cases)}    _ => panic!(),\n    }}\n"
        "    std::io::stdout().write_all(&out).unwrap();\n}\n"
    )


@pytest.mark.parametrize(
    ("kernel", "payload", "moves"),
    [
        (STABLE3, "uint32_t", 12), (STABLE3, "uint16_t", 12), (STABLE3, "struct node *", 12),
        (STABLE3, "struct node", 0), (STABLE3, "double", 0), (SORTING["sort6"], "int", 0),
        (LEAST2, "size_t", 2),
    ],
)  # fmt: skip
def test_what_fits_in_registers_moves_by_conditional_moves_under_one_comparison(
    kernel, payload, moves
):
    text = written(kernel, "c", "f", payload=payload)
    assert text.count("cmov") - text.count("x86-cmov") == moves
    compared = sum(i.form.writes_flags for i in kernel.instructions)
    assert text.count('"cmp') == compared * (moves > 0)


def test_payloads_are_moved_in_whole_registers_of_aarch64():
    kernel = load(KERNELS / "found" / "aarch64" / "sort2-len4-depth3.s")
    text = written(kernel, "c", "sort2", payload="void *")
    lines = [line.strip() for line in text.splitlines() if '\\n\\t"' in line]
    keys, payloads = ([line for line in lines if f"%{part}" in line] for part in "wx")
    assert len(lines) == len(keys) + len(payloads) == 2 * len(keys) - 1
    assert [line.replace("%x", "%w").split()[0] for line in payloads] == [
        line.split()[0] for line in keys if "cmp" not in line
    ]


def test_no_key_moves_in_an_argsort_unless_it_is_compared_again():
    twin = doubled(STABLE3, keys=False)
    assert len(twin) == 16 < len(doubled(STABLE3, keys=True)) == 19
    assert not dead_instructions(twin)


@pytest.mark.skipif(compiler("rustc") is None, reason="no Rust compiler on this machine")
def test_payloads_go_where_their_keys_go_in_rust(tmp_path):
    types = {"uint64_t": "u64", "double": "f64", "uint8": "uint8"}
    for kernel, form, name in FUNCTIONS:
        items = FORMS[form] | {"payload": types[FORMS[form]["payload"]]}
        (tmp_path / f"{name}.rs").write_text(written(kernel, "rust", name, **items))
    (tmp_path / "main.rs").write_text(main_in_rust())
    run(["rustc", "--edition=2021", "-Copt-level=1", "main.rs", "-o", "main"], cwd=tmp_path)
    check(tmp_path / "main")


SAFE = {name: SORTING[name] for name in ("sort2", "sort4", "sort5", "sort8")}


@pytest.mark.skipif(compiler("g++") is None, reason="no C++ compiler on this machine")
def test_no_answer_of_a_comparator_in_cpp_loses_a_key(tmp_path):
    texts, bodies = "", ""
    for name, kernel in SAFE.items():
        texts += written(kernel, "cpp", name, compare=True)
        asked, n = calls(plain(kernel)), kernel.n
        bodies += f"""
        for (unsigned long answers = 0; answers < 1ul << {asked}; answers++) {{
            int k[{n}], seen = 0, made = 0;
            for (int i = 0; i < {n}; i++) k[i] = i;
            {name}(k, [&](int, int) {{ return (answers >> made++ & 1) != 0; }});
            for (int i = 0; i < {n}; i++) seen |= 1 << k[i];
            if (seen != (1 << {n}) - 1 || made != {asked}) return {n};
        }}"""
    (tmp_path / "main.cpp").write_text(f"{texts}int main() {{{bodies}\nreturn 0; }}\n")
    run(["g++", "-std=c++11", *STRICT, "main.cpp", "-o", "main"], cwd=tmp_path)
    run([str(tmp_path / "main")])


@pytest.mark.skipif(compiler("rustc") is None, reason="no Rust compiler on this machine")
def test_keys_that_cannot_be_copied_survive_any_answer_and_a_panic_in_rust(tmp_path):
    for name in ("sort2", "sort4", "sort5"):
        (tmp_path / f"{name}.rs").write_text(written(SAFE[name], "rust", name, compare=True))
    trusted_text = written(STABLE3, "rust", "stable3", compare=True, trusted=True)
    (tmp_path / "stable3.rs").write_text(trusted_text)
    assert "<T: Copy>" in trusted_text
    body = "".join(
        f"""
    for answers in 0..1u32 << {calls(plain(SAFE[name]))} {{
        for stop in 0..=made_by_{name}() {{
            let mut keys: [Box<usize>; {SAFE[name].n}] = std::array::from_fn(Box::new);
            let mut made = 0;
            let ended = catch_unwind(AssertUnwindSafe(|| {name}::{name}(&mut keys, |_, _| {{
                made += 1;
                if made == stop {{ resume_unwind(Box::new(0)) }}
                answers >> (made - 1) & 1 == 1
            }})));
            assert_eq!(ended.is_err(), stop > 0);
            let mut seen: Vec<usize> = keys.iter().map(|k| **k).collect();
            assert!(stop == 0 || seen.windows(2).all(|w| w[0] < w[1]));
            seen.sort();
            assert!(seen.into_iter().eq(0..{SAFE[name].n}));
        }}
    }}"""
        for name in ("sort2", "sort4", "sort5")
    )
    counts = "".join(
        f"fn made_by_{name}() -> u32 {{ {calls(plain(SAFE[name]))} }}\n"
        for name in ("sort2", "sort4", "sort5")
    )
    (tmp_path / "main.rs").write_text(
        "#![deny(warnings)]\nmod sort2; mod sort4; mod sort5; mod stable3;\n"
        "use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};\n"
        f"{counts}fn main() {{{body}\n"
        "    let mut k = [(2, 'a'), (1, 'b'), (2, 'c')];\n"
        "    stable3::stable3(&mut k, |a, b| a.0 < b.0);\n"
        "    assert_eq!(k, [(1, 'b'), (2, 'a'), (2, 'c')]);\n}\n"
    )
    run(["rustc", "--edition=2021", "-Copt-level=1", "main.rs", "-o", "main"], cwd=tmp_path)
    run([str(tmp_path / "main")])


def come_out(form, answers):
    """Return which keys come out of a plain form whose comparisons answer so."""
    held = {f"k{i}": i for i in range(9)}
    answer = iter(answers)
    for statement in form.statements:
        match statement:
            case Less(name, _, _):
                held[name] = next(answer)
            case Choice(name, tests, then, otherwise):
                held[name] = held[then] if any(held[t] for t in tests) else held[otherwise]
    return [held[name] for name in form.outputs]


def keeps_all(kernel):
    """Return whether no answers of the calls in the plain form lose a key; tries all."""
    form = plain(kernel)
    return all(
        sorted(come_out(form, answers)) == list(range(kernel.n))
        for answers in product((False, True), repeat=calls(form))
    )


def test_safe_and_never_asked_both_ways_means_that_no_answer_loses_a_key():
    kernels = [ASKS_BOTH2, ALPHADEV4, lower(best(3))]
    for first, second, third, fourth in product("lgLGen", repeat=4):
        kernels.append(compact(f"m31 c21 {first}12 {second}23", "12", "12"))
        if (first, second) == ("l", "l"):
            last = f"m42 m31 c12 g12 m23 {third}24 {fourth}24"
            kernels.append(compact(last, "12", "12"))
    covered = []
    for kernel in kernels:
        if elements.check(kernel, Rung.SAFE).proved and not asks_both_ways(kernel):
            assert keeps_all(kernel), kernel.instructions
            covered.append(kernel)
    assert len(covered) > 10
    assert elements.check(ASKS_BOTH2, Rung.SAFE).proved
    assert not keeps_all(ASKS_BOTH2)


def test_a_kernel_that_asks_both_ways_is_refused_unless_the_comparator_is_trusted():
    with pytest.raises(InputError, match="it asks a comparison for both less and greater"):
        written(ASKS_BOTH2, "cpp", "both", compare=True)
    text = written(ASKS_BOTH2, "cpp", "both", compare=True, trusted=True)
    assert f"{calls(plain(ASKS_BOTH2))} of the comparator, whatever the keys; it must be" in text


def test_a_kernel_that_loses_elements_is_refused_with_the_way_out():
    with pytest.raises(InputError, match=r"on 1 1 1, a leaves twice, c never.*--keep elements"):
        written(ALPHADEV3, "c", "sort3", payload="int")
    with pytest.raises(InputError, match=r"where comparisons lie, .* leaves twice.*--keep safe"):
        written(STABLE3, "rust", "sort3", compare=True)


@pytest.mark.parametrize(
    ("target", "items", "said"),
    [
        ("llvm", {"payload": "i32"}, "llvm sorts bare keys only; payloads: use c, cpp, rust"),
        ("c", {"compare": True}, "c takes no comparator; use cpp or rust"),
        ("c", {"payload": "int; x"}, "'int; x' cannot be the type of a payload"),
        ("c", {"payload": "int", "layout": "rows"}, "unknown layout 'rows'; use arrays or records"),
        ("cpp", {"compare": True, "argsort": True}, "a comparator sorts whole records"),
        ("c", {"argsort": True, "layout": "records"}, "an argsort reads an array of keys"),
        ("c", {"trusted": True}, "there is no comparator to trust"),
    ],
)
def test_what_cannot_be_written_is_refused_in_one_line(target, items, said):
    with pytest.raises(InputError, match=said):
        written(SORT2, target, "sort2", **items)


@pytest.mark.parametrize(
    ("kernel", "items", "said"),
    [
        (STABLE3, {"payload": "int"}, "stable: keys that compare equal keep their order"),
        (ALPHADEV4, {"payload": "int"}, "not stable, but keys that compare equal and differ are"),
        (ALPHADEV4, {"payload": "int"}, "sorts 4 pairs of a key (int32) and a payload (int), by"),
        (ALPHADEV4, {"payload": "int"}, "no key comes out twice, also where keys tie; proved, by"),
        (ALPHADEV4, {"compare": True}, "whatever the comparator answers, the keys that come out"),
        (ALPHADEV4, {"compare": True}, "calls: 5 of the comparator, whatever the keys length"),
        (STABLE3, {"argsort": True}, "holds the places in keys, from 0, of the same keys, ascend"),
        (LEAST2, {"argsort": True}, "argmin2: finds the places of 2 keys of type int32 that are "),
    ],
)
def test_the_header_says_what_is_sorted_and_kept(kernel, items, said):
    text = emit(kernel, "cpp" if "compare" in items else "c", Items(**items))
    assert said in " ".join(text.replace("//", " ").split())
