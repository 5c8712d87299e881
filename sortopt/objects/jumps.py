"""Jumps: on which condition one is taken and where it leads, whatever the machine."""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile

from sortopt.formats import Token, is_return
from sortopt.model import Machine
from sortopt.objects.decode import JUMP, Code, Decoded, check_alone, elsewhere
from sortopt.objects.effects import Turn
from sortopt.objects.gnu_effects import gnu_decides, gnu_turn
from sortopt.objects.x86_turns import x86_decides, x86_turn

ENDS = "a function ends in ret"
"""The hint where code goes on somewhere that is not followed."""


def first_jump(code: Code) -> Decoded | None:
    """Return the first jump of a function before it first returns, or None.

    What makes a number of a condition counts as one.
    """
    machine = code.function.machine
    before = takewhile(lambda d: not (code.returns and is_return(d.text)), code.decoded)
    return next((d for d in before if elsewhere(d, machine) == JUMP or _decides(d, machine)), None)


def _decides(decoded: Decoded, machine: Machine) -> bool:
    if decoded.detail is None:
        return gnu_decides(machine, decoded.mnemonic)
    return x86_decides(decoded.mnemonic)


def turn(code: Code, decoded: Decoded) -> Turn | None:
    """Return how an instruction decides where code goes on; None for one that does not jump.

    Raises InputError for a call, and where it is not known where a jump leads.
    """
    machine, place = code.function.machine, code.places(decoded)
    at, kind = place.mnemonic, elsewhere(decoded, machine)
    if kind not in (None, JUMP):
        raise at.fault(
            "a call of another function is not followed",
            "declare it static inline, or compile with -O2",
        )
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
    inside, patched = dict(code.function.inside), dict(code.function.references)
    target = next((inside[a] for a in addresses if a in inside), None)
    named = next((patched[a] for a in addresses if a in patched), None)
    if found is None or (named is not None and target is None):
        where = named or "a place that is not known"
        raise at.fault(f"this jumps to {where}, which is not followed", ENDS)
    return found if target is None else replace(found, target=target)
