"""Code that branches on floating-point keys: both proofs, real numbers, and the processor agree."""

import ctypes
import math
import shutil
import struct
import subprocess
from itertools import product

import pytest

from sortopt import native, objects
from sortopt.base import UNLIMITED, Disagreement, InputError
from sortopt.model import HIGHER, NAN, Order, Rung, with_nan
from sortopt.model.orders import weak_orders
from sortopt.objects import Branches
from sortopt.targets import X86
from sortopt.verify import (
    explain_path,
    float_paths,
    float_paths_smt,
    ladder_of,
    path_of,
    paths_orders,
    verify,
    verify_branching,
)
from sortopt.verify.float_paths import ended, nan_along

HEAD = (".intel_syntax noprefix", ".globl f", ".type f, @function", "f:")
SWAP = ("movss xmm0, [rdi]", "movss xmm1, [rdi+4]", "comiss xmm0, xmm1", "jbe 1f",
        "movss [rdi], xmm1", "movss [rdi+4], xmm0", "1: ret")  # fmt: skip
CMOV = ("mov eax, [rdi]", "mov ecx, [rdi+4]", "mov edx, eax", "movd xmm0, eax", "movd xmm1, ecx",
        "comiss xmm0, xmm1", "cmova eax, ecx", "cmova ecx, edx", "mov [rdi], eax",
        "mov [rdi+4], ecx", "ret")  # fmt: skip


def read(lines):
    with pytest.raises(Branches) as caught:
        objects.read("x.s", text="\n".join([*HEAD, *lines, ""]))
    return caught.value.branching


def elements(branching, keys, zero=None):
    """Return which element leaves in each output."""
    last = ended(branching, keys, zero)
    return [last.cells[cell] for cell in branching.whole.contract.outputs]


MASK = ("movss xmm0, [rdi]", "movss xmm1, [rdi+4]", "movaps xmm2, xmm1", "cmpltss xmm2, xmm0",
        "movaps xmm3, xmm2", "andnps xmm3, xmm0", "movaps xmm4, xmm2", "andps xmm4, xmm1",
        "orps xmm3, xmm4", "movaps xmm4, xmm2", "andps xmm4, xmm0", "andnps xmm2, xmm1",
        "orps xmm2, xmm4", "movss [rdi], xmm3", "movss [rdi+4], xmm2", "ret")  # fmt: skip
BLEND = ("vmovss xmm0, [rdi]", "vmovss xmm1, [rdi+4]", "vcmpltss xmm2, xmm1, xmm0",
         "vblendvps xmm3, xmm0, xmm1, xmm2", "vblendvps xmm1, xmm1, xmm0, xmm2",
         "vmovss [rdi], xmm3", "vmovss [rdi+4], xmm1", "ret")  # fmt: skip


def changed(was, now, lines=SWAP):
    assert was in lines
    return [now if line == was else line for line in lines]


def names(branching):
    """Return the verdicts over the values and each rung above."""
    values = verify_branching(branching)
    rungs = ladder_of(branching, values) if values.proved else {Rung.VALUES: values}
    return [judgement.verdict.name for judgement in rungs.values()]


KEPT = ["proved", "proved", "proved", "proved"]
UNSTABLE = ["proved", "proved", "refuted", "proved"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (SWAP, KEPT),
        (CMOV, KEPT),
        (MASK, KEPT),
        (BLEND, KEPT),
        (changed("cmpltss xmm2, xmm0", "cmpless xmm2, xmm0", MASK), UNSTABLE),
        (changed("cmpltss xmm2, xmm0", "cmpnless xmm2, xmm0", MASK), ["refuted"]),
        (changed("andnps xmm2, xmm1", "andnps xmm2, xmm0", MASK), ["refuted"]),
        (changed("vcmpltss xmm2, xmm1, xmm0", "vcmpngess xmm2, xmm1, xmm0", BLEND), KEPT),
        (changed("vcmpltss xmm2, xmm1, xmm0", "vcmpgt_oqss xmm2, xmm0, xmm1", BLEND), KEPT),
        (changed("vcmpltss xmm2, xmm1, xmm0", "vcmpordss xmm2, xmm1, xmm0", BLEND), ["refuted"]),
        (changed("vblendvps xmm1, xmm1, xmm0, xmm2",
                 "vcmpnltss xmm2, xmm1, xmm0; vblendvps xmm1, xmm0, xmm1, xmm2", BLEND), KEPT),
        (changed("vblendvps xmm1, xmm1, xmm0, xmm2",
                 "vcmpgess xmm2, xmm1, xmm0; vblendvps xmm1, xmm0, xmm1, xmm2", BLEND),
         ["proved", "proved", "proved", "refuted"]),
        (changed("jbe 1f", "ja 1f"), ["refuted"]),
        (changed("jbe 1f", "jb 1f"), UNSTABLE),
        (changed("jbe 1f", "jp 1f; jbe 1f"), KEPT),
        (changed("jbe 1f", "jnp 1f"), ["refuted"]),
        (changed("jbe 1f", "je 1f"), ["refuted"]),
        (changed("comiss xmm0, xmm1", "ucomiss xmm1, xmm0"), ["refuted"]),
        (changed("comiss xmm0, xmm1", "ucomiss xmm0, [rdi+4]"), KEPT),
        (changed("movss [rdi], xmm1", "minss xmm1, xmm0; movss [rdi], xmm1"), KEPT),
        (changed("movss [rdi], xmm1", "movss [rdi], xmm0"), ["refuted"]),
        (changed("1: ret", "1: comiss xmm0, xmm1; jnp 2f; movss [rdi], xmm0; 2: ret"),
         ["proved", "proved", "proved", "proved"]),
        (changed("1: ret", "1: comiss xmm0, xmm1; jnp 2f; movss [rdi], xmm1; 2: ret"),
         ["proved", "proved", "proved", "refuted"]),
    ],
)  # fmt: skip
def test_a_swap_by_a_jump_is_judged_rightly(lines, expected):
    assert names(read(lines)) == expected


def test_of_zeros_that_tie_one_is_doubled_by_a_minimum_beside_the_jump():
    lines = changed("movss [rdi], xmm1", "minss xmm1, xmm0; movss [rdi], xmm1")
    lines = changed("jbe 1f", "jb 1f", lines)
    branching = read(lines)
    rungs = ladder_of(branching, verify_branching(branching))
    found = rungs[Rung.ELEMENTS].verdict.counterexample
    assert found.inputs == (1, 1)
    assert found.elements == (0, 0)
    assert rungs[Rung.SAFE].verdict.name == "refuted"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (changed("jbe 1f", "jle 1f"), "jle tests something else than the order of two keys"),
        (changed("jbe 1f", "js 1f"), "js tests something else"),
        (changed("comiss xmm0, xmm1", "comiss xmm0, xmm1; mov eax, [rdi]; cmp eax, [rdi+4]"),
         "numbers of another kind"),
        (changed("comiss xmm0, xmm1", "comiss xmm0, xmm1; comisd xmm0, xmm1"),
         "this takes 64 bits, but keys are 32 bits wide"),
        (changed("comiss xmm0, xmm1", "comiss xmm0, xmm1; movaps xmm2, xmm0; cmpltss xmm2, xmm1"),
         "jbe tests flags that line"),
        (changed("orps xmm2, xmm4", "orps xmm2, [rsi]", MASK), "orps"),
        (changed("movss [rdi+4], xmm2", "shufps xmm2, xmm2, 0x55; movss [rdi+4], xmm2", MASK),
         "what this stores into the buffer is no key that is known"),
        (changed("andps xmm4, xmm1", "andps xmm1, xmm4", MASK), "is no key that is known"),
        (changed("comiss xmm0, xmm1", "pxor xmm1, xmm1; comiss xmm0, xmm1"),
         "holds no key that is known"),
        (changed("comiss xmm0, xmm1", "mov eax, 1; movd xmm1, eax; comiss xmm1, xmm1"),
         "holds no key that is known"),
    ],
)  # fmt: skip
def test_what_cannot_be_followed_is_refused(lines, message):
    with pytest.raises(InputError) as caught:
        objects.read("x.s", text="\n".join([*HEAD, *lines, ""]))
    assert not isinstance(caught.value, Branches)
    assert message in caught.value.render()


def test_a_side_that_only_nan_takes_is_not_left_out():
    """Behind `jp` and `jbe` the keys are ordered, and only then is it known how."""
    lines = changed("1: ret", "1: comiss xmm1, xmm0; jb 2f; ret; 2: movss [rdi], xmm1; ret")
    branching = read(lines)
    assert branching.start.fork.taken.fork.taken is not None
    assert names(branching) == ["proved", "proved", "proved", "refuted"]
    assert elements(branching, (NAN, 1)) == [1, 1]


@pytest.mark.parametrize("rung", HIGHER)
def test_a_side_that_is_left_out_wrongly_is_noticed_by_each_proof(rung):
    branching = read(SWAP)
    object.__setattr__(branching.start.fork, "taken", None)
    for proof in (float_paths.check, float_paths_smt.check):
        with pytest.raises(Disagreement):
            proof(branching, rung, UNLIMITED)


SOURCE = """
#define SWAP(i, j) if (a[j] < a[i]) { T t = a[i]; a[i] = a[j]; a[j] = t; }
void network3(T *a) { SWAP(0, 1) SWAP(1, 2) SWAP(0, 1) }
void insertion3(T *a) {
  for (int i = 1; i < 3; i++) {
    T x = a[i]; int j = i;
    while (j > 0 && a[j - 1] > x) { a[j] = a[j - 1]; j--; }
    a[j] = x;
  }
}
void not3(T *a) {
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 2 - i; j++)
      if (!(a[j] <= a[j + 1])) { T t = a[j]; a[j] = a[j + 1]; a[j + 1] = t; }
}
void last3(T *a) {
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 2; j++)
      if (a[j] != a[j] || a[j + 1] < a[j]) { T t = a[j]; a[j] = a[j + 1]; a[j + 1] = t; }
}
void choose3(T *a) {
  T x = a[0], y = a[1], z = a[2];
  T low = x < y ? x : y, high = x < y ? y : x;
  T least = low < z ? low : z, rest = low < z ? z : low;
  a[0] = least; a[1] = high < rest ? high : rest; a[2] = high < rest ? rest : high;
}
void extrema3(T *a) {
  T low = MIN(a[0], a[1]), high = MAX(a[0], a[1]);
  a[0] = low; a[1] = high;
  SWAP(1, 2) SWAP(0, 1)
}
"""
QUIET = "extrema3"
"""Of a signaling NaN its minima and maxima make a quiet one."""
SPECIAL = {
    "f": [0x7FC00000, 0xFF800001, 0x80000000, 0, 0x3F800000, 1, 0x7F800000, 0xFF800000],
    "d": [0x7FF8 << 48, (0xFFF << 52) + 1, 1 << 63, 0, 0x3FF << 52, 1, 0x7FF << 52, 0xFFF << 52],
}
"""Bits of NaN quiet and signaling, zeros, one, the least number, and infinities."""
SIGNALING = {kind: bits[1] for kind, bits in SPECIAL.items()}


def compiled(folder, kind, options):
    gcc = shutil.which("gcc")
    if gcc is None or not native.is_native(X86):
        pytest.skip("needs gcc, and an x86-64 CPU")
    source, library = folder / "sorts.c", folder / "sorts.so"
    source.write_text(of_kind(kind))
    command = [gcc, "-shared", "-fPIC", *options, source, "-o", library]
    subprocess.run([*map(str, command)], check=True)
    return library


def of_kind(kind):
    """Return the source for keys of a kind."""
    name, letter = ("float", "f") if kind == "f" else ("double", "")
    extrema = [f"#define {m.upper()} __builtin_f{m}{letter}\n" for m in ("min", "max")]
    return f"typedef {name} T;\n{''.join(extrema)}{SOURCE}"


def ranks_of(kind, bits):
    numbers = [struct.unpack(kind, struct.pack({"f": "I", "d": "Q"}[kind], b))[0] for b in bits]
    dense = sorted({number for number in numbers if number == number})
    return tuple(dense.index(n) + 1 if n == n else NAN for n in numbers)


def numbers_of(kind, bits):
    """Return ranks by which -0 and +0 differ, and the rank of -0 where both are there, else 0."""
    numbers = [struct.unpack(kind, struct.pack({"f": "I", "d": "Q"}[kind], b))[0] for b in bits]
    signed = [(number, math.copysign(1, number)) for number in numbers]
    dense = sorted({each for each in signed if each[0] == each[0]})
    both = {(0.0, -1.0), (0.0, 1.0)} <= {*dense}
    ranks = tuple(dense.index(each) + 1 if each[0] == each[0] else NAN for each in signed)
    return ranks, dense.index((0.0, -1.0)) + 1 if both else 0


@pytest.mark.parametrize("kind", ["f", "d"])
@pytest.mark.parametrize(
    "options", [["-O1"], ["-O2"], ["-O2", "-mavx"], ["-O2", "-msse4.1"]], ids=" ".join
)
def test_the_processor_does_what_is_said_of_it(tmp_path, kind, options):
    """Bit for bit: so signaling NaN stay so, and of zeros each is where it is said to be."""
    path = compiled(tmp_path, kind, options)
    library, bits_of_keys = ctypes.CDLL(str(path)), {"f": ctypes.c_uint32, "d": ctypes.c_uint64}
    for function in ("network3", "insertion3", "not3", "last3", "choose3"):
        with pytest.raises(Branches) as caught:
            objects.read(path, function=function)
        branching = caught.value.branching
        for bits in product(SPECIAL[kind], repeat=3):
            keys = (bits_of_keys[kind] * 3)(*bits)
            getattr(library, function)(keys)
            held = elements(branching, ranks_of(kind, bits))
            assert [*keys] == [bits[element] for element in held], (function, bits)
        assert float_paths.check(branching, Rung.SAFE).name == "proved"


DRIVER = """
#include <stdio.h>
#include <string.h>
int main(int n, char **names) {
  T a[3];
  while (fread(a, sizeof a, 1, stdin) == 1) {
    CALLS
    fwrite(a, sizeof a, 1, stdout);
  }
}
"""


@pytest.mark.parametrize("kind", ["f", "d"])
@pytest.mark.parametrize("option", ["-O1", "-O2"])
@pytest.mark.parametrize("machine", ["aarch64", "riscv64"])
def test_other_machines_do_what_is_said_of_them_under_an_emulator(tmp_path, machine, kind, option):
    gcc, emulator = shutil.which(f"{machine}-linux-gnu-gcc"), shutil.which(f"qemu-{machine}")
    if gcc is None or emulator is None:
        pytest.skip(f"needs a compiler for {machine}, and qemu")
    functions = ["network3", "insertion3", "not3", "last3", "choose3"]
    functions += [QUIET] * (machine == "aarch64")  # gcc calls fmin on RISC-V
    calls = " else ".join(f'if (!strcmp(names[1], "{name}")) {name}(a);' for name in functions)
    (tmp_path / "sorts.c").write_text(of_kind(kind) + DRIVER.replace("CALLS", calls))
    program, module = tmp_path / "sorts", tmp_path / "sorts.o"
    noinline = f"-fno-inline {option}".split()
    for options in (["-c", "-o", module], ["-static", "-o", program, "-lm"]):
        command = [gcc, *noinline, tmp_path / "sorts.c", *options]
        subprocess.run([*map(str, command)], check=True)
    cases = [*product(SPECIAL[kind], repeat=3)]
    layout = "<3" + {"f": "I", "d": "Q"}[kind]
    given = b"".join(struct.pack(layout, *bits) for bits in cases)
    for function in functions:
        with pytest.raises(Branches) as caught:
            objects.read(module, function=function)
        branching = caught.value.branching
        assert branching.branches > 0 or function == "choose3"
        assert paths_orders.check(branching, UNLIMITED).name == "proved"
        done = subprocess.run(
            [emulator, str(program), function], input=given, capture_output=True, check=True
        ).stdout
        for bits, keys in zip(cases, struct.iter_unpack(layout, done), strict=True):
            if function != QUIET or SIGNALING[kind] not in bits:
                held = elements(branching, *numbers_of(kind, bits))
                assert keys == tuple(bits[element] for element in held), (function, bits)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [("mi", UNSTABLE), ("lt", UNSTABLE), ("ls", KEPT), ("le", KEPT), ("gt", ["refuted"]),
     ("pl", ["refuted"]), ("vs", ["refuted"])],
)  # fmt: skip
def test_conditions_of_aarch64_are_judged_rightly(condition, expected, tmp_path):
    """`le` skips the swap where a key is a NaN, as `ls` does not; both keep every element."""
    gcc = shutil.which("aarch64-linux-gnu-gcc")
    if gcc is None:
        pytest.skip("needs a compiler for AArch64")
    lines = [".globl f", ".type f, @function", "f:", "ldp s0, s1, [x0]", "fcmp s0, s1",
             f"b.{condition} 1f", "stp s1, s0, [x0]", "1: ret", ".size f, .-f", ""]  # fmt: skip
    (tmp_path / "f.s").write_text("\n".join(lines))
    module = tmp_path / "f.o"
    subprocess.run([gcc, "-c", str(tmp_path / "f.s"), "-o", str(module)], check=True)
    with pytest.raises(Branches) as caught:
        objects.read(module)
    branching = caught.value.branching
    assert names(branching) == expected
    skips = elements(branching, (NAN, 1)) == [0, 1]
    assert skips == (condition in ("lt", "le", "pl", "vs"))


def test_what_is_said_of_nan_is_what_all_orders_give():
    branching = read(SWAP)
    said = nan_along(branching)
    assert said.unsorted is None
    assert said.places == (0, 1)
    outputs = {keys: [keys[e] for e in elements(branching, keys)] for keys in with_nan(2)}
    assert all(outputs[keys] == [*keys] for keys in outputs if NAN in keys)
    assert all(outputs[keys] == sorted(keys) for keys in weak_orders(2))


def test_keys_of_8_bits_are_judged_as_those_of_full_width(monkeypatch):
    branching = read(changed("jbe 1f", "jb 1f"))
    wide = [float_paths_smt.check(branching, rung).name for rung in Rung]
    monkeypatch.setattr(float_paths_smt, "MOST_WIDE", 0)
    assert [float_paths_smt.check(branching, rung).name for rung in Rung] == wide == UNSTABLE


def test_a_refuted_rung_is_traced_along_its_path():
    lines = changed("1: ret", "1: comiss xmm0, xmm1; jnp 2f; movss [rdi], xmm1; 2: ret")
    branching = read(lines)
    found = float_paths.check(branching, Rung.SAFE).counterexample
    explained = explain_path(branching, found)
    assert [went for _, went in path_of(branching, found).jumps] == [True, False]
    at = {name: number for number, name in enumerate(explained.cells)}
    first, last = explained.rows[0], explained.rows[-1]
    assert [first.cells[at[name]] for name in ("[rdi]", "[rdi+4]")] == ["NaN a", "1 b"]
    assert [last.cells[at[name]] for name in ("[rdi]", "[rdi+4]")] == ["1 b", "1 b"]
    assert last.flags == Order(0)
    assert explained.sentence == "b leaves twice, a never"


RISCV = ("flw fa4, 0(a0)", "flw fa5, 4(a0)", "flt.s a5, fa5, fa4", "beqz a5, 1f",
         "fsw fa5, 0(a0)", "fsw fa4, 4(a0)", "1: ret")  # fmt: skip
RISCV_MINIMUM = ("flw fa4, 0(a0)", "flw fa5, 4(a0)", "fmin.s fa3, fa4, fa5", "fmax.s fa4, fa4, fa5",
                 "fsw fa3, 0(a0)", "fsw fa4, 4(a0)", "ret")  # fmt: skip


def of_riscv(lines, folder):
    """Return where a module is that is assembled from `lines`."""
    gcc = shutil.which("riscv64-linux-gnu-gcc")
    if gcc is None:
        pytest.skip("needs a compiler for RISC-V")
    head = [".globl f", ".type f, @function", "f:"]
    (folder / "f.s").write_text("\n".join([*head, *lines, ".size f, .-f", ""]))
    module = folder / "f.o"
    subprocess.run([gcc, "-c", str(folder / "f.s"), "-o", str(module)], check=True)
    return module


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("flt.s a5, fa5, fa4", KEPT),
        ("fle.s a5, fa5, fa4", UNSTABLE),
        ("flt.s a5, fa4, fa5", ["refuted"]),
        ("feq.s a5, fa4, fa5", ["refuted"]),
        ("fle.s a5, fa4, fa5; xori a5, a5, 1", KEPT),
        ("fmv.x.w a4, fa4; fmv.w.x fa3, a4; flt.s a5, fa5, fa3", KEPT),
    ],
)
def test_comparisons_of_riscv_are_judged_rightly(line, expected, tmp_path):
    module = of_riscv(changed("flt.s a5, fa5, fa4", line, RISCV), tmp_path)
    with pytest.raises(Branches) as caught:
        objects.read(module)
    assert names(caught.value.branching) == expected
    assert caught.value.branching.branches == (0 if "xori" in line else 1)


def test_minima_of_riscv_keep_zeros_and_lose_nan(tmp_path):
    kernel = objects.read(of_riscv(RISCV_MINIMUM, tmp_path)).kernel
    assert verify(kernel).verdict.name == "proved"
    found = [verify(kernel.keeping(rung)).verdict.name for rung in HIGHER]
    assert found == ["proved", "refuted", "refuted"]


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("flw fa4, 0(a0)", "fld fa4, 0(a0)"),
        ("flt.s a5, fa5, fa4", "fmv.d fa4, fa5; flt.s a5, fa5, fa4"),
        ("fsw fa5, 0(a0)", "fmv.d fa3, fa5; fsw fa3, 0(a0)"),
        ("flt.s a5, fa5, fa4", "fmv.d.x fa5, a1; flt.s a5, fa5, fa4"),
    ],
)
def test_what_riscv_does_not_take_for_a_float_is_none(was, now, tmp_path):
    """A float that was loaded, or moved, as half of a double is a NaN to instructions on floats."""
    module = of_riscv(changed(was, now, RISCV), tmp_path)
    with pytest.raises(InputError) as caught:
        objects.read(module)
    if isinstance(caught.value, Branches):
        assert verify_branching(caught.value.branching).verdict.name != "proved"
    else:
        assert "no key that is known" in caught.value.message
