"""Code with conditional jumps: stretches of plain instructions, and what the jumps between test.

Code that branches is no kernel; it is judged by following each of its paths.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sortopt.base import Shown
from sortopt.model.interpreter import Step, Value, entry, step
from sortopt.model.isa import Condition, Order
from sortopt.model.kernel import Instr, Kernel


@dataclass(frozen=True, slots=True)
class Fork:
    """A conditional jump that keys decide: what follows where it is `taken`, and where not.

    None stands for a side to which no input comes, as far as the reader of the code could tell;
    that is for proofs to show.  `text` and `line` say which jump it is.
    """

    condition: Condition
    text: str
    line: int
    taken: Stretch | None
    passed: Stretch | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Instructions that run one after the other, and the jump behind them; None at the end."""

    instructions: tuple[Instr, ...]
    fork: Fork | None = None


@dataclass(frozen=True, slots=True)
class Branching(Shown):
    """Code that branches: where it starts, and its cells and contract.

    `whole` has them, and as instructions those of all stretches, which never run like that.
    `branches` is how many conditional jumps keys decide, `paths` how many ways the code may take,
    and `longest` the number of machine instructions on the longest.
    """

    whole: Kernel
    start: Stretch
    branches: int
    paths: int
    longest: int

    @property
    def signs(self) -> set[str]:
        """The names of the jumps' conditions that read keys with or without a sign: one of both."""
        return {
            fork.condition.signedness.value
            for fork in forks(self.start)
            if fork.condition.signedness is not None
        }


def forks(stretch: Stretch) -> Iterator[Fork]:
    """Yield every fork from `stretch` on."""
    if stretch.fork is not None:
        yield stretch.fork
        for side in (stretch.fork.taken, stretch.fork.passed):
            yield from forks(side) if side is not None else ()


@dataclass(frozen=True, slots=True)
class Followed:
    """The path that one input takes: what runs, which jumps are taken, what comes out.

    `arrived` says that it ends where the code ends: an input may also come to a side that was said
    to be without inputs.  An output is None where it depends on what scratch or flags held, and so
    are all where a jump does.
    """

    instructions: tuple[Instr, ...]
    jumps: tuple[tuple[Fork, bool], ...]
    outputs: tuple[Value, ...]
    arrived: bool = True


def follow(
    branching: Branching,
    keys: Sequence[int],
    scratch: Sequence[Value] = (),
    flags: Order | None = None,
    answers: Sequence[Order] | None = None,
) -> Followed:
    """Run `branching` on one input; this is the semantics of code that branches.

    Comparisons answer what `answers` say, in turn, where given.
    """
    whole = branching.whole
    said = iter(answers or ())
    now, at = entry(whole, keys, scratch, flags), branching.start
    done: list[Instr] = []
    jumps: list[tuple[Fork, bool]] = []
    while True:
        for instruction in at.instructions:
            now = step(instruction, now)
            if answers is not None and instruction.form.writes_flags:
                now = Step(now.cells, next(said))
            done.append(instruction)
        if at.fork is None:
            outputs = tuple(now.cells[cell] for cell in whole.contract.outputs)
            return Followed(tuple(done), tuple(jumps), outputs)
        unknown = (None,) * len(whole.contract.outputs)
        if now.flags is None:
            return Followed(tuple(done), tuple(jumps), unknown)
        taken = now.flags in at.fork.condition.holds
        jumps.append((at.fork, taken))
        following = at.fork.taken if taken else at.fork.passed
        if following is None:
            return Followed(tuple(done), tuple(jumps), unknown, arrived=False)
        at = following
