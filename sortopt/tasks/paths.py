"""A function that branches and what the proofs say of it, each path followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sortopt.base import UNLIMITED, Budget, InputError
from sortopt.formats import KernelFile
from sortopt.model import (
    Branching,
    Followed,
    Judgement,
    Proved,
    Refuted,
    Rung,
    key_type,
    natural_key_type,
)
from sortopt.objects import Branches, instead
from sortopt.verify import (
    Explanation,
    WithNan,
    explain_path,
    ladder_of,
    nan_along,
    path_of,
    verify_branching,
)


@dataclass(frozen=True, slots=True)
class CheckedPaths:
    """A function that branches and what the proofs say of it.

    `key` is the type of the keys, None where the code does not show it.  A refutation comes with
    the `path` that its input takes, and its trace as `explanation`, where the path is a kernel.
    `rungs` (of all, what the code keeps), and `nan` (what code of floating-point keys does with
    it) are found where asked for and the values are right.
    """

    name: str
    file: KernelFile
    branching: Branching
    judgement: Judgement
    key: str | None
    path: Followed | None = None
    explanation: Explanation | None = None
    rungs: Mapping[Rung, Judgement] | None = None
    nan: WithNan | None = None

    @property
    def instead(self) -> str | None:
        """The command that finds a kernel without branches for the same contract, if one does."""
        return instead(self.branching)


def verify_paths(
    name: str,
    found: Branches,
    key: str | None = None,
    budget: Budget = UNLIMITED,
    *,
    climb: bool = False,
) -> CheckedPaths:
    """Prove or refute a function that branches, as `read` found it.

    With `climb`, decide too on which rungs code stands whose contract names none.  Raises
    InputError where it does not read keys of the type `key`.
    """
    branching, own = found.branching, _key(found)
    key = key or found.file.key
    if key is not None and own not in (None, key):
        raise InputError(f"{name} reads keys as {own}, not as {key}", hint=f"give --key {own}")
    if key is not None and key_type(key).bits != found.file.width:
        raise InputError(f"{name} reads keys of {found.file.width} bits, not {key}")
    judgement = verify_branching(branching, budget)
    path, explanation = None, None
    refuted = judgement.verdict
    if isinstance(refuted, Refuted):
        counterexample = refuted.counterexample
        path = path_of(branching, counterexample)
        explanation = explain_path(branching, counterexample)
    rungs, nan = None, None
    right = isinstance(judgement.verdict, Proved)
    if climb and right and branching.whole.contract.keep is Rung.VALUES:
        rungs = ladder_of(branching, judgement, budget)
    if climb and right and branching.whole.isa.floating:
        nan = nan_along(branching, budget)
    judgement = judgement.held_against(found.file.breaches)
    key = key or own
    return CheckedPaths(name, found.file, branching, judgement, key, path, explanation, rungs, nan)


def _key(found: Branches) -> str | None:
    """Return the type of the keys that jumps and width of the code show."""
    signs = found.branching.signs | {
        s.value for s in [found.branching.whole.signedness] if s is not None
    }
    if found.branching.whole.isa.floating:
        return natural_key_type(found.branching.whole).name
    if found.file.width is None or not signs:
        return None
    return f"{'u' * ('unsigned' in signs)}int{found.file.width}"
