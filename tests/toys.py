"""Instruction sets of three operands that no machine has, to see that nothing assumes two.

Operands may coincide; no flag is needed by the first set, no copy by the second.
"""

from sortopt.model.isa import Action, Condition, Form, Isa, Order, Signedness
from sortopt.model.kernel import build
from sortopt.model.machine import Machine, Place, Register

MACHINE = Machine(
    "toy",
    architecture="toy",
    aliases=("toy",),
    macro="defined(__toy__)",
    registers={f"w{i}": Register(f"w{i}", f"w{i}", 32, Place.REGISTER) for i in range(10)},
    arguments=("w9",),
    saved=(),
    syntaxes={},
)
R = Place.REGISTER
SIGNED, UNSIGNED = Signedness.SIGNED, Signedness.UNSIGNED


def _isa(name, forms, conditions):
    return Isa(
        name,
        {form.mnemonic: form for form in forms},
        tuple(MACHINE.registers)[:9],
        place=R,
        key_bits=(32, 64),
        machine=MACHINE,
        summary=", ".join(form.mnemonic for form in forms),
        conditions=conditions,
    )


def _select(name, holds, signedness):
    condition = Condition(name, holds, signedness)
    return Form("csel" + name, Action.SELECT, (R, R, R), 0, (1, 2), condition, signedness)


_ORDERS = (Order.LESS, Order.GREATER, Order.LESS | Order.EQUAL, Order.GREATER | Order.EQUAL)
_CONDITIONS = {SIGNED: ("lt", "gt", "le", "ge"), UNSIGNED: ("lo", "hi", "ls", "hs")}
_MOV = Form("mov", Action.COPY, (R, R), 0, (1,))

EXTREMA = _isa(
    "toy-minmax",
    [
        _MOV,
        *(
            Form(sign.value[0] + name, action, (R, R, R), 0, (1, 2), signedness=sign)
            for sign in Signedness
            for name, action in (("min", Action.MINIMUM), ("max", Action.MAXIMUM))
        ),
    ],
    {},
)
"""mov d,s; smin d,a,b; smax d,a,b; umin; umax"""

SELECTS = _isa(
    "toy-select",
    [
        _MOV,
        Form("cmp", Action.COMPARE, (R, R), None, (0, 1)),
        *(
            _select(name, holds, sign)
            for sign, names in _CONDITIONS.items()
            for name, holds in zip(names, _ORDERS, strict=True)
        ),
    ],
    _CONDITIONS,
)
"""mov d,s; cmp a,b; cselCC d,a,b"""

TOYS = (EXTREMA, SELECTS)


def toy(isa, program, inputs, outputs):
    """Return the kernel of `program`, for example `cmp a b; cselgt s b a`, cells by letter."""
    instructions = [line.split() for line in program.split(";")]
    return build(
        isa,
        [(isa.form(mnemonic), tuple(cells)) for mnemonic, *cells in instructions],
        inputs=inputs,
        outputs=outputs,
    )


SORT2_EXTREMA = toy(EXTREMA, "mov s a; smin a a b; smax b b s", "ab", "ab")
SORT2_SELECTS = toy(SELECTS, "cmp a b; cselgt s b a; cselgt b a b", "ab", "sb")
