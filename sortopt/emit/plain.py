"""The plain form: a kernel as single assignments of comparisons and choices.

It is what the portable targets print: `c1 = b < a;  v1 = c1 ? b : a;`.  Copies vanish, what no
output needs is left out, every name is assigned once.  Only `less` is asked of the key type:
`a > b` is `b < a`, `a <= b` is `not b < a`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sortopt.model import Action, Condition, Instr, Kernel, Order


@dataclass(frozen=True, slots=True)
class Less:
    """`name` := `left` < `right`, a truth value."""

    name: str
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Choice:
    """`name` := `then` if any of `tests` holds, else `otherwise`."""

    name: str
    tests: tuple[str, ...]
    then: str
    otherwise: str


Statement = Less | Choice


@dataclass(frozen=True, slots=True)
class Plain:
    """A kernel's statements in sequence, and the names of its outputs, least rank first.

    The keys on entry are called k0, k1 …
    """

    statements: tuple[Statement, ...]
    outputs: tuple[str, ...]


def plain(kernel: Kernel) -> Plain:
    """Return the plain form of `kernel`.

    What scratch and flags hold on entry is arbitrary: scratch counts as key k0 and the flags as
    "equal", so that no undefined value is ever read.
    """
    builder = _Builder(["k0"] * len(kernel.cells))
    for key, cell in enumerate(kernel.contract.inputs):
        builder.cells[cell] = f"k{key}"
    for instruction in kernel.instructions:
        builder.add(instruction)
    outputs = tuple(builder.cells[cell] for cell in kernel.contract.outputs)
    return Plain(_needed(builder.statements, outputs), outputs)


def with_payloads(form: Plain, *, keys: bool) -> Plain:
    """Return `form` with a payload moved wherever a key is: that of k0 is p0, that of v0 is q0.

    The outputs are the keys, where `keys` come out too, and then the payloads.
    """
    outputs = tuple(payload_of(name) for name in form.outputs)
    if keys:
        outputs = form.outputs + outputs
    statements: list[Statement] = []
    for statement in form.statements:
        statements.append(statement)
        if isinstance(statement, Choice):
            moved = map(payload_of, (statement.name, statement.then, statement.otherwise))
            name, then, otherwise = moved
            statements.append(Choice(name, statement.tests, then, otherwise))
    return Plain(_needed(statements, outputs), outputs)


def payload_of(key: str) -> str:
    """Return the name of what is attached to the key of that name."""
    return {"k": "p", "v": "q"}[key[0]] + key[1:]


@dataclass(slots=True)
class _Builder:
    """What the cells and flags hold while a kernel is translated."""

    cells: list[str]
    compared: tuple[str, str] | None = None
    statements: list[Statement] = field(default_factory=list)
    known: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, instruction: Instr) -> None:
        values = [self.cells[cell] for cell in instruction.reads]
        match instruction.form.action:
            case Action.COMPARE:
                self.compared = (values[0], values[1])
                return
            case Action.COPY:
                result = values[0]
            case Action.SELECT:
                condition = instruction.form.condition
                assert condition is not None
                result = self.select(condition, values[0], values[1])
            case Action.MINIMUM | Action.MAXIMUM:
                first, second = values
                if instruction.form.tied:  # the second, where neither is less
                    first, second = second, first
                least = instruction.form.action is Action.MINIMUM
                seen = self.less(second, first) if least else self.less(first, second)
                result = self.choose((seen,), second, first)
        self.cells[instruction.operands[instruction.form.target or 0]] = result

    def less(self, left: str, right: str) -> str:
        """Return the name of the truth value left < right, computed once."""
        if (left, right) not in self.known:
            self.known[left, right] = f"c{len(self.known)}"
            self.statements.append(Less(self.known[left, right], left, right))
        return self.known[left, right]

    def select(self, condition: Condition, then: str, otherwise: str) -> str:
        if self.compared is None:
            return then if Order.EQUAL in condition.holds else otherwise
        if then == otherwise:
            return otherwise
        a, b = self.compared
        negated, asked = Order.EQUAL in condition.holds, _asked(condition)
        tests = []
        if Order.LESS in asked:
            tests.append(self.less(a, b))
        if Order.GREATER in asked:
            tests.append(self.less(b, a))
        if negated:
            then, otherwise = otherwise, then
        return self.choose(tuple(tests), then, otherwise)

    def choose(self, tests: tuple[str, ...], then: str, otherwise: str) -> str:
        name = f"v{sum(isinstance(s, Choice) for s in self.statements)}"
        self.statements.append(Choice(name, tests, then, otherwise))
        return name


def calls(form: Plain) -> int:
    """Return how often `form` compares two keys."""
    return sum(isinstance(statement, Less) for statement in form.statements)


def asks_both_ways(kernel: Kernel) -> bool:
    """Return whether some comparison is asked both for "less" and for "greater".

    A comparator answers these in two calls, which need not agree; the rung `safe` supposes one
    answer a comparison, so it covers the plain form only of kernels that never ask both.
    """
    asked = Order(0)
    for instruction in kernel.instructions:
        if instruction.form.action is Action.COMPARE:
            asked = Order(0)
        elif instruction.form.condition is not None:
            asked |= _asked(instruction.form.condition)
        if asked == Order.LESS | Order.GREATER:
            return True
    return False


def _asked(condition: Condition) -> Order:
    """Return which of "less" and "greater" must be asked to decide `condition`."""
    return ~condition.holds if Order.EQUAL in condition.holds else condition.holds


def _needed(statements: list[Statement], outputs: tuple[str, ...]) -> tuple[Statement, ...]:
    """Return the statements that `outputs` depend on, in sequence."""
    wanted = set(outputs)
    kept: list[Statement] = []
    for statement in reversed(statements):
        if statement.name not in wanted:
            continue
        kept.append(statement)
        match statement:
            case Less(_, left, right):
                wanted |= {left, right}
            case Choice(_, tests, then, otherwise):
                wanted |= {*tests, then, otherwise}
    return tuple(reversed(kept))
