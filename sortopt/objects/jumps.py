"""Jumps and calls: on which condition one is taken and where it leads, whatever the machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import takewhile

from sortopt.formats import Token, is_return
from sortopt.model import Machine
from sortopt.objects.decode import CALL, Code, Decoded, check_alone, elsewhere
from sortopt.objects.effects import Arithmetic, Bytes, Turn
from sortopt.objects.gnu_effects import gnu_decides, gnu_turn
from sortopt.objects.x86_turns import x86_decides, x86_turn

ENDS = "a function ends in ret"
"""The hint where code goes on somewhere that is not followed."""
CALLS = (
    "hand in a file that holds both functions; or declare it static inline, or "
    "__attribute__((always_inline)), and compile with -O2"
)
"""The hint where a call is not followed."""


def first_jump(code: Code) -> Decoded | None:
    """Return the first jump or call of a function before it first returns, or None.

    What makes a number of a condition counts as one.
    """
    machine = code.function.machine
    before = takewhile(lambda d: not (code.returns and is_return(d.text)), code.decoded)
    return next((d for d in before if elsewhere(d, machine) or _decides(d, machine)), None)


def _decides(decoded: Decoded, machine: Machine) -> bool:
    if decoded.detail is None:
        return gnu_decides(machine, decoded.mnemonic)
    return x86_decides(decoded.mnemonic)


def tested(found: Turn, written: Mapping[str, Token]) -> set[Token]:
    """Return what wrote the registers that a jump tests itself, as `cbnz` and `bnez` do."""
    tests = [effect for effect in found.before if isinstance(effect, Arithmetic)]
    read = [o.family for test in tests for o in test.operands if isinstance(o, Bytes)]
    return {written[family] for family in read if family in written}


def turn(code: Code, decoded: Decoded) -> Turn | None:
    """Return how an instruction decides where code goes on; None for one that does not jump.

    Raises InputError where it is not known where a jump or call leads.
    """
    machine, place = code.function.machine, code.places(decoded)
    at, kind = place.mnemonic, elsewhere(decoded, machine)
    if decoded.detail:
        found = x86_turn(decoded.detail, at, () if kind else place.operands)
    else:
        text = Token(decoded.text, at.source, at.line, at.column)
        found = gnu_turn(machine, text, decoded.address)
    if not kind:
        if found is not None:
            check_alone(code, decoded)
        return found
    addresses = range(decoded.address, decoded.address + decoded.size)
    inside, patched = code.function.inside, code.function.references
    target = next((position for address, position in inside if address in addresses), None)
    named = next((name for address, name in patched if address in addresses), None)
    if found is None or (target is None and (named is not None or found.target is None)):
        where = named or "a place that is not known"
        if kind == CALL:
            raise at.fault(f"this calls {where}, which is not followed", CALLS)
        raise at.fault(f"this jumps to {where}, which is not followed", ENDS)
    if target is None:
        return found
    section, address = target
    return replace(found, section=section, target=address)
