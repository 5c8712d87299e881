"""What is said of a function that is given how many keys there are: a verdict a number of keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sortopt.model import Proved, Unknown
from sortopt.report import paths, records, words

if TYPE_CHECKING:
    from rich.table import Table

    from sortopt.tasks import CheckedLengths


def lines(found: CheckedLengths) -> Iterator[str | Table]:
    """Yield what was read, what is found for each number of keys, and the verdict over all."""
    longest = found.longest
    key = f"{longest.key} " if longest and longest.key else ""
    because = f" ({longest.file.because})" if longest and longest.file.because else ""
    place = found.lengths.place
    whole = longest and longest.branching.whole
    first = f" from {whole.cells[whole.contract.inputs[0]].name} on" if whole else ""
    yield f"{found.name}: {key}keys{first}, their number in {place}{because}"
    for number, each in found.found.items():
        keys = f"for {words.counted(number, 'key')}:"
        if isinstance(each, Unknown):
            yield f"{keys} unknown: {each.reason}"
            continue
        proved = each.judgement.proved
        verdict = words.verdict(each.branching.whole, each.judgement, each.key)
        jumps = words.counted(each.branching.branches, "jump")
        yield f"{keys} {'proved' if proved else verdict} ({jumps} on keys, {paths.extent(each)})"
        yield from paths.breaches(each)
        yield from paths.failing(each)
    yield _altogether(found)
    if longest and found.verdict.proved:
        yield words.decided(longest.judgement)


def _altogether(found: CheckedLengths) -> str:
    """Return the verdict over all numbers of keys."""
    verdict, lengths, longest = found.verdict, found.lengths, found.longest
    if not isinstance(verdict, Proved) or longest is None:
        numbers = [n for n, each in found.verdicts.items() if each.name == verdict.name]
        *others, last = map(str, numbers)
        many = f"{', '.join(others)} and {last}" if others else last
        return f"{verdict.name} for {many} key{'s' * (numbers != [1])}"
    alone = lengths.least == lengths.most
    many = f"{lengths.least} to " * (not alone) + words.counted(lengths.most, "key")
    return (
        f"for {many}: {words.verdict(longest.branching.whole, longest.judgement, longest.key)}; "
        "nothing behind them is touched" + ", and the length is left as it is" * lengths.memory
    )


def record(found: CheckedLengths) -> records.Record:
    """Return the record of a function that is given a length."""
    longest = found.longest
    return {
        "file": found.name,
        "length": str(found.lengths),
        "key": longest.key if longest else None,
        "verdict": found.verdict.name,
        "lengths": [
            {"length": number, "verdict": each.name, "reason": each.reason}
            if isinstance(each, Unknown)
            else {"length": number, **paths.record(each)}
            for number, each in found.found.items()
        ],
    }
