"""x86-64 vector registers: movdqa and packed minima and maxima of 32-bit keys (SSE4.1).

Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2 (MOVDQA, PMINSD,
PMAXSD, PMINUD, PMAXUD).
"""

from __future__ import annotations

from types import MappingProxyType

from sortopt.model import Action, Form, Isa, Place, Signedness

_VECTOR_OR_MEMORY = Place.VECTOR | Place.MEMORY


def _extremum(mnemonic: str, action: Action, signedness: Signedness) -> Form:
    return Form(
        mnemonic,
        action,
        (Place.VECTOR, _VECTOR_OR_MEMORY),
        target=0,
        arguments=(0, 1),
        signedness=signedness,
    )


_FORMS = (
    Form("movdqa", Action.COPY, (_VECTOR_OR_MEMORY, _VECTOR_OR_MEMORY), 0, (1,)),
    _extremum("pminsd", Action.MINIMUM, Signedness.SIGNED),
    _extremum("pmaxsd", Action.MAXIMUM, Signedness.SIGNED),
    _extremum("pminud", Action.MINIMUM, Signedness.UNSIGNED),
    _extremum("pmaxud", Action.MAXIMUM, Signedness.UNSIGNED),
)

X86_MINMAX = Isa(
    "x86-minmax",
    MappingProxyType({form.mnemonic: form for form in _FORMS}),
    registers=tuple(f"xmm{i}" for i in range(16)),
    place=Place.VECTOR,
    key_bits=(32,),
    machine="x86-64",
    feature="sse4.1",
)
"""movdqa and the packed minima and maxima, one key a lane."""
