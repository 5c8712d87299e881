"""A function that is given how many keys there are, judged for each number of keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from os import PathLike

from sortopt import formats, objects
from sortopt.base import UNLIMITED, Budget, InputError, LimitReached
from sortopt.model import Proved, Refuted, Unknown, Unsafe, Verdict
from sortopt.objects import Branches, Lengths, Reading, parse_lengths
from sortopt.tasks.paths import CheckedPaths, verify_paths

_NOT_BESIDE = ("inputs", "outputs", "assume", "goal")
"""Options that the length says for each number of keys."""
_SORTED = "the keys lie one after the other, and are sorted"
_ONE_LENGTH = (
    f"{_SORTED}; for another question add a function with one length to the source, for example "
    "void order3(int *p) { order(p, 3); }, and give it as --function, without --length"
)


@dataclass(frozen=True, slots=True)
class CheckedLengths:
    """A function that is given a length, and what is found for each number of keys.

    Where all paths of one could not be followed, Unknown says why.
    """

    name: str
    lengths: Lengths
    found: Mapping[int, CheckedPaths | Unknown]

    @property
    def verdicts(self) -> Mapping[int, Verdict | Unsafe]:
        """The verdict for each number of keys."""
        return {
            number: each if isinstance(each, Unknown) else each.judgement.verdict
            for number, each in self.found.items()
        }

    @property
    def verdict(self) -> Verdict | Unsafe:
        """The verdict over all numbers of keys: the first refutation, or what is not proved."""
        each = self.verdicts.values()
        for kind in (Refuted, Unsafe, Unknown):
            for verdict in each:
                if isinstance(verdict, kind):
                    return verdict
        return Proved()

    @property
    def longest(self) -> CheckedPaths | None:
        """What is found for the most keys of which all paths could be followed."""
        followed = [each for each in self.found.values() if isinstance(each, CheckedPaths)]
        return followed[-1] if followed else None


def verify_lengths(
    path: str | PathLike[str],
    reading: Reading,
    key: str | None = None,
    budget: Budget = UNLIMITED,
) -> CheckedLengths:
    """Prove or refute a function for each number of keys that `reading.length` names.

    It is to sort so many keys, touch no others, and leave the length as it is.  Raises InputError
    where that cannot be followed for some number of keys.
    """
    lengths, name = parse_lengths(reading.length or ""), formats.shown_name(path)
    for option in _NOT_BESIDE:
        if getattr(reading, option) is not None:
            raise InputError(
                f"--{option} does not go with --length",
                hint=_ONE_LENGTH if option in ("assume", "goal") else _SORTED,
            )
    found: dict[int, CheckedPaths | Unknown] = {}
    for length in lengths.each():
        try:
            objects.read(path, budget=budget, **asdict(replace(reading, length=str(length))))
        except Branches as branches:
            found[length.least] = verify_paths(name, branches, key, budget)
        except LimitReached as limit:
            found[length.least] = Unknown(limit.message)
    checked = CheckedLengths(name, lengths, found)
    _check_one_width(checked)
    return checked


def _check_one_width(found: CheckedLengths) -> None:
    """Refuse code of which numbers of keys show different widths; fewer than two show none."""
    widths = {
        each.file.width: number
        for number, each in found.found.items()
        if isinstance(each, CheckedPaths) and number > 1
    }
    if len(widths) > 1:
        (one, n), (other, m) = [*widths.items()][:2]
        raise InputError(
            f"{found.name} reads keys of {one} bits given {n} of them, and of {other} given {m}",
            hint="give one number of keys",
        )
