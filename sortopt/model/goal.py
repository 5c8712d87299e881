"""What a kernel is for: which order statistics of its keys its outputs must hold.

A goal is a tuple of ranks, one an output, counted from 0: `sort` of three keys is (0, 1, 2),
`median` of three is (1,), `smallest:2` is (0, 1).  `merge:P,Q` is `sort` given that the first P
and the next Q keys ascend already.
"""

from __future__ import annotations

from dataclasses import dataclass

from sortopt.base import InputError

_FIXED = ("sort", "min", "max", "median", "minmax")
_COUNTED = ("kth", "smallest", "largest")
_ALIASES = {"prefix": "smallest", "top": "largest"}


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal by name and arguments, for example Goal("kth", (2,))."""

    name: str
    arguments: tuple[int, ...] = ()

    def ranks(self, n: int) -> tuple[int, ...]:
        """Return the rank, from 0, that each output must hold of `n` keys.

        The median of an even number of keys is the lower one.  Raises InputError where the goal
        does not fit `n` keys.
        """
        match self.name:
            case "sort":
                return tuple(range(n))
            case "min":
                return (0,)
            case "max":
                return (n - 1,)
            case "median":
                return ((n - 1) // 2,)
            case "minmax":
                return (0, n - 1)
            case "kth" | "smallest" | "largest":
                (k,) = self.arguments
                if not 1 <= k <= n:
                    raise InputError(f"goal {self} asks for key {k} of {n}", hint=f"use 1 to {n}")
                if self.name == "kth":
                    return (k - 1,)
                return tuple(range(k) if self.name == "smallest" else range(n - k, n))
            case _:
                if sum(self.arguments) != n:
                    raise InputError(
                        f"goal {self} merges {sum(self.arguments)} keys, but the kernel has {n}",
                        hint="the two runs must make up all keys",
                    )
                return tuple(range(n))

    def ascending_runs(self) -> tuple[range, ...]:
        """Return the runs of key indices that ascend on entry: two for a merge, else none."""
        if self.name != "merge":
            return ()
        p, q = self.arguments
        return range(p), range(p, p + q)

    def __str__(self) -> str:
        tail = ",".join(map(str, self.arguments))
        return f"{self.name}:{tail}" if tail else self.name


SORT: Goal = Goal("sort")


def parse_goal(text: str) -> Goal:
    """Parse `sort`, `min`, `max`, `median`, `minmax`, `kth:K`, `smallest:K`, … or `merge:P,Q`.

    `smallest:K` (or `prefix:K`) are the K least keys, ascending, `largest:K` (or `top:K`) the K
    greatest, ascending too.

    >>> parse_goal("merge:2,3").ranks(5)
    (0, 1, 2, 3, 4)

    Raises InputError for anything else.
    """
    name, _, tail = text.strip().lower().partition(":")
    name = _ALIASES.get(name, name)
    if name in _FIXED and not tail:
        return Goal(name)
    parts = [part.strip() for part in tail.split(",")]
    if all(part.isascii() and part.isdigit() and len(part) < 5 and int(part) > 0 for part in parts):
        if name in _COUNTED and len(parts) == 1:
            return Goal(name, (int(parts[0]),))
        if name == "merge" and len(parts) == 2:
            return Goal(name, (int(parts[0]), int(parts[1])))
    raise InputError(
        f"unknown goal {text.strip()[:40]!r}",
        hint="use sort, min, max, median, minmax, kth:K (K from 1), smallest:K, largest:K "
        "or merge:P,Q",
    )
