"""What the table says of vector instructions is what a processor does."""

import ctypes
import mmap
import platform

import pytest

from sortopt import objects
from sortopt.base.errors import InputError, Source
from sortopt.formats import Token
from sortopt.native.assembler import assemble
from sortopt.objects.decode import decode
from sortopt.objects.effects import Move
from sortopt.objects.elf import ElfFile
from sortopt.objects.x86_effects import x86_effects
from sortopt.verify import verify

SHUFFLES = [
    *(f"{name} xmm0, xmm1" for name in (
        "punpckldq", "punpckhdq", "punpcklqdq", "punpckhqdq", "unpcklps", "unpckhps", "unpcklpd",
        "unpckhpd", "movlhps", "movhlps", "movss", "movsd", "movq", "movaps",
    )),
    *(f"{name} xmm0, xmm1, {number}" for number in (0, 5, 27, 228, 78, 204, 229, 240) for name in (
        "pshufd", "shufps", "shufpd", "palignr", "blendps", "blendpd", "pblendw", "insertps",
    )),
    *(f"insertps xmm0, xmm1, {number}" for number in (0x10, 0x52, 0x98, 0xF4)),
    *(f"psrldq xmm0, {number}" for number in (0, 4, 8, 12, 15, 16, 40)),
    "psrlq xmm0, 32", "movd xmm0, esi", "pinsrd xmm0, esi, 2", "pinsrq xmm0, rsi, 1",
    "pinsrb xmm0, esi, 5", "pinsrw xmm0, esi, 7",
]  # fmt: skip


def run(code, held, out):
    """Run machine code on two buffers."""
    with mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC) as page:
        page.write(code)
        first = (ctypes.c_char * 1).from_buffer(page)
        ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(ctypes.addressof(first))(held, out)
        del first


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="runs x86-64 code")
@pytest.mark.parametrize("line", SHUFFLES)
def test_bytes_go_where_the_table_says(line):
    text = f"""
    .intel_syntax noprefix
    f: movups xmm0, [rdi]
    movups xmm1, [rdi+16]
    mov r8, rsi
    mov rsi, [rdi+32]
    {line}
    movups [r8], xmm0
    ret
    """
    function = ElfFile(assemble(text), "x.o").function(None)
    held = ctypes.create_string_buffer(bytes(range(1, 41)))
    out = ctypes.create_string_buffer(16)
    try:
        run(function.code, held, out)
    except PermissionError:
        pytest.skip("no memory may be executed here")
    detail = decode(function)[4].detail
    (move,) = x86_effects(detail, Token(line, Source("x.s", line), 1, 1), ())
    assert isinstance(move, Move)
    begins = {"xmm0": 1, "xmm1": 17, "si": 33}
    wanted = {} if move.clears else dict(enumerate(range(1, 17)))
    for at, source in move.parts:
        for byte in range(source.size):
            wanted[at + byte] = begins[source.family] + source.offset + byte
    assert out.raw == bytes(wanted.get(at, 0) for at in range(16))


PAIR = """
.intel_syntax noprefix
f: movdqu xmm0, [rdi]
pshufd xmm1, xmm0, 0x4E
{minimum} xmm2, xmm0, xmm1
{maximum} xmm0, xmm0, xmm1
pblendw xmm2, xmm0, {mask}
movdqu [rdi], xmm2
ret
"""


@pytest.mark.parametrize(("kind", "keys"), [("sd", 4), ("sq", 2)])
def test_smaller_parts_that_stay_together_are_whole_keys(kind, keys):
    lanes = {"minimum": f"vpmin{kind}", "maximum": f"vpmax{kind}"}
    kernel = objects.read("x.s", text=PAIR.format(**lanes, mask=0xF0)).kernel
    assert kernel.n == keys
    assert verify(kernel).verdict.name == ("proved" if keys == 2 else "refuted")
    with pytest.raises(InputError, match="this takes 16 bits, but keys are"):
        objects.read("x.s", text=PAIR.format(**lanes, mask=0xF1))
