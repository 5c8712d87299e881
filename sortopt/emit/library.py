"""A C header with one kernel a number of keys, and a dispatcher over them."""

from __future__ import annotations

from collections.abc import Sequence

from sortopt.base import InputError
from sortopt.emit import c
from sortopt.emit.header import LICENCE, comment, proved
from sortopt.emit.request import Provenance, Request, check_name
from sortopt.model import Kernel, KeyType, for_keys

SUFFIX = c.SUFFIX
"""How a file of this target is called."""


def emit_library(
    kernels: Sequence[tuple[Kernel, Provenance]], key: KeyType, name: str = "sort_small"
) -> str:
    """Return a self-contained header, C and C++: `NAME_N` sorts N keys, `NAME` any of these N.

    All kernels must sort without a precondition, each another number of keys; those without a
    verdict are proved first.  Raises InputError where one does not, or cannot sort such keys.
    """
    check_name(name)
    sizes = [kernel.n for kernel, _ in kernels]
    if len(set(sizes)) != len(sizes):
        raise InputError("two kernels sort the same number of keys")
    requests = [
        Request(
            for_keys(_sorting(kernel), key), f"{name}_{kernel.n}", key, proved(kernel, provenance)
        )
        for kernel, provenance in sorted(kernels, key=lambda entry: entry[0].n)
    ]
    guard = f"SORTOPT_{name.upper()}_H"
    return "\n".join(
        [
            _title(requests, key, name),
            f"#ifndef {guard}\n#define {guard}\n\n#include <stddef.h>\n"
            + c.includes(request.kernel for request in requests),
            *(f"{comment(request, '//')}\n{c.functions(request)}" for request in requests),
            _dispatcher(requests, key, name),
            "#endif\n",
        ]
    )


def _sorting(kernel: Kernel) -> Kernel:
    contract = kernel.contract
    if contract.goal.name != "sort" or contract.precondition:
        raise InputError(
            f"the kernel of {kernel.n} keys does not sort every input",
            hint="a library takes kernels that sort without a precondition",
        )
    return kernel


def _title(requests: Sequence[Request], key: KeyType, name: str) -> str:
    lines = [
        f"{name}: sorting kernels for {_listed(requests)} keys of type {key.name}, by sortopt",
        "",
        *(f"{r.name}: {len(r.kernel)} instructions, proved" for r in requests),
        "",
        LICENCE,
    ]
    return "".join(f"// {line}".rstrip() + "\n" for line in lines)


def _listed(requests: Sequence[Request]) -> str:
    return ", ".join(str(request.kernel.n) for request in requests)


def _dispatcher(requests: Sequence[Request], key: KeyType, name: str) -> str:
    cases = "".join(
        f"    case {r.kernel.n}:\n        {r.name}(keys);\n        return 1;\n" for r in requests
    )
    kernels = {request.kernel.n for request in requests}
    trivial = "".join(f"    case {n}:\n" for n in (0, 1) if n not in kernels)
    return (
        f"// Sort n keys and return 1, or return 0 where there is no kernel for n keys.\n"
        f"static inline int {name}({key.c_name} *keys, size_t n)\n{{\n    switch (n) {{\n"
        f"{trivial}        return 1;\n{cases}    default:\n        return 0;\n    }}\n}}\n"
    )
