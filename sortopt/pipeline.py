"""The natural way of data through the house: what commands and `import sortopt` call.

It reads like a table of contents and computes nothing itself.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from os import PathLike, fspath

from sortopt import formats
from sortopt.formats import KernelFile
from sortopt.kernel import Kernel
from sortopt.orders import Precondition
from sortopt.verdict import Judgement, Refuted
from sortopt.verify import claim, counterexample, verify
from sortopt.verify.claim import Report as ClaimReport
from sortopt.verify.explain import Explanation, explain
from sortopt.verify.preconditions import weakest_preconditions

__all__ = [
    "AS_WRITTEN",
    "Checked",
    "ClaimReport",
    "Reading",
    "counterexample",
    "explain_claim",
    "explain_file",
    "parse",
    "verify",
    "verify_file",
]

MOST_KEYS_TO_MEND = 4
"""The most keys for which a refuted kernel's weakest preconditions are looked for."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read a kernel file: each option overrides the file's own directive."""

    dialect: str | None = None
    inputs: str | None = None
    outputs: str | None = None
    assume: str | None = None
    goal: str | None = None


AS_WRITTEN = Reading()
"""Take everything from the file."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A kernel file and what the proofs say of it.

    A refutation comes with `explanation`; `mends` are the weakest preconditions under which the
    kernel is right, where they were asked for.
    """

    path: str
    file: KernelFile
    judgement: Judgement
    explanation: Explanation | None = None
    mends: tuple[Precondition, ...] = ()


def parse(
    text: str,
    *,
    dialect: str | None = None,
    inputs: str | None = None,
    outputs: str | None = None,
    assume: str | Precondition | None = None,
    goal: str | None = None,
) -> Kernel:
    """Return the kernel that `text` holds, in any dialect; raises InputError."""
    return formats.parse(
        text, dialect=dialect, inputs=inputs, outputs=outputs, assume=assume, goal=goal
    ).kernel


def verify_file(
    path: str | PathLike[str],
    reading: Reading = AS_WRITTEN,
    *,
    timeout: float | None = None,
    bits: int | None = None,
) -> Checked:
    """Read a kernel file, prove or refute it, and explain a refutation; options as of `verify`."""
    file = formats.read(path, **asdict(reading))
    judgement = verify(file.kernel, timeout=timeout, bits=bits)
    name = "<stdin>" if fspath(path) == "-" else fspath(path)
    return Checked(name, file, judgement, _explanation(file.kernel, judgement))


def explain_file(
    path: str | PathLike[str],
    reading: Reading = AS_WRITTEN,
    *,
    timeout: float | None = None,
    bits: int | None = None,
) -> Checked:
    """Do as `verify_file`, and find the preconditions that would mend a refuted kernel."""
    found = verify_file(path, reading, timeout=timeout, bits=bits)
    if found.explanation is None or found.file.kernel.n > MOST_KEYS_TO_MEND:
        return found
    mends = weakest_preconditions(found.file.kernel)
    return Checked(found.path, found.file, found.judgement, found.explanation, mends)


def explain_claim() -> ClaimReport:
    """Examine the bundled claim from the internet."""
    return claim.examine()


def _explanation(kernel: Kernel, judgement: Judgement) -> Explanation | None:
    if isinstance(judgement.verdict, Refuted):
        return explain(kernel, judgement.verdict.counterexample)
    return None
