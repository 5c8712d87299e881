"""C++: a header-only template over the key type and the comparison, in plain ternary form."""

from __future__ import annotations

from sortopt.emit.c import plain_lines, used_keys
from sortopt.emit.header import comment
from sortopt.emit.plain import plain
from sortopt.emit.request import Request
from sortopt.emit.total import in_c
from sortopt.model import Rung

SUFFIX = ".hpp"
"""How a file of this target is called."""


def emit(request: Request) -> str:
    """Return the header as text; C++11 and later."""
    guard = f"SORTOPT_{request.name.upper()}_HPP"
    kernel, form = request.kernel, plain(request.kernel)
    loose = request.keeps(Rung.ELEMENTS)
    keys = _KEYS[2 if request.items.needs is Rung.SAFE else loose]
    includes = ["functional", "iterator"] + ([] if loose else ["type_traits"])
    includes += ["stdint.h"] if request.numbers else []
    inner = request.inner
    lines = [
        "typedef typename std::iterator_traits<Iterator>::value_type Key;",
        *([] if loose else _INTERCHANGEABLE),
        *(f"const Key k{i} = keys[{i}];" for i in used_keys(form, kernel.n)),
        *plain_lines(form, "Key", "less({left}, {right})", "const bool"),
        *(
            f"{'keys' if request.in_place else 'out'}[{i}] = {name};"
            for i, name in enumerate(form.outputs)
        ),
    ]
    body = "".join(f"    {line}\n" for line in lines)
    return (
        f"{comment(request, '//')}\n#ifndef {guard}\n#define {guard}\n\n"
        + "".join(f"#include <{name}>\n" for name in includes)
        + f"\n// {keys} Compilers make conditional"
        f"\n// moves of this for machine integers, or branches: look, or take the C target."
        f"\n{_signature(inner, 'Less less')}\n{{\n{body}}}\n\n"
        f"{_signature(inner, None)}\n{{\n    {inner.name}({_arguments(request)});\n}}\n"
        f"{in_c(request, 'inline void')}\n#endif\n"
    )


_KEYS = (
    "Integers, by std::less or std::greater.",
    "Any copyable key, any strict weak order `less`.",
    "Any copyable key, any `less`: whatever it answers, no key is lost.",
)
"""Which keys the template takes: those that are interchangeable where they tie, or any."""

_INTERCHANGEABLE = [
    "// This kernel may hand out one of two keys that compare equal twice: integers only.",
    "static_assert(std::is_integral<Key>::value &&",
    "                  (std::is_same<Less, std::less<Key>>::value ||",
    "                   std::is_same<Less, std::greater<Key>>::value),",
    '              "keys that compare equal must be interchangeable");',
]


def _signature(request: Request, less: str | None) -> str:
    iterators = ["Iterator keys"] if request.in_place else ["Iterator keys", "Output out"]
    types = ["class Iterator"] + ([] if request.in_place else ["class Output"])
    if less:
        types.append("class Less")
        iterators.append(less)
    return f"template <{', '.join(types)}>\ninline void {request.name}({', '.join(iterators)})"


def _arguments(request: Request) -> str:
    key = "typename std::iterator_traits<Iterator>::value_type"
    places = "keys" if request.in_place else "keys, out"
    return f"{places}, std::less<{key}>()"
