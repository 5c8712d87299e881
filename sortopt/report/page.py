"""A kernel as one page for a browser: what was proved, step by step, data flow, costs.

The page is self-contained: it loads nothing, and follows its one link only when that is clicked.
Its own interpreter (`sortopt/data/page/interpreter.js`) runs the kernel on what is typed; a policy
in the page lets no other script run, whatever a title or a name in a kernel file says.  The text
depends on nothing but the kernel and what was found: no times, no dates.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sortopt.base import InputError
from sortopt.formats import print_kernel
from sortopt.model import (
    ALWAYS,
    Judgement,
    Kernel,
    critical_path,
    critical_paths,
    key_name,
    key_type,
    trace,
)
from sortopt.networks import recognise, write_network
from sortopt.report import compiled, dataflow, floats, stepping, words

if TYPE_CHECKING:
    from sortopt.tasks import Answer, Checked
    from sortopt.verify import Explanation, Report

EXTRA = "report"
"""The extra of the package that brings the template engine."""

_FOLDER = resources.files("sortopt") / "data" / "page"


_Path = tuple[str, float, tuple[int, ...]]
"""A CPU family, the cycles of the critical path on it, and its instructions, first to last."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a page is about: a kernel, the verdict over it, and what else was found.

    `explanation` is the trace of a refutation, as the kernel sees the keys; `lines` say what was
    checked besides the proofs, a line each; `key` is the type of the keys, `bits` the width that
    Z3 was given, None where nothing was asked for; `misread` says that the kernel reads such keys
    as others.
    """

    title: str
    kernel: Kernel
    judgement: Judgement
    explanation: Explanation | None = None
    lines: tuple[str, ...] = ()
    key: str | None = None
    bits: int | None = None
    misread: bool = False


def of_file(found: Checked) -> Subject:
    """Return the subject of a page about a kernel file and what the proofs say of it."""
    file = found.file
    source = (f"source: {file.source}",) if file.source else ()
    notes = (f"note: {note}" for note in file.notes)
    rungs = words.rungs(file.kernel, found.rungs)
    nan = floats.with_nan(found.nan)
    lines = (*rungs, *nan, words.heading(found), *source, *notes, *words.breaches(found))
    title = file.title or Path(found.path).name
    return Subject(
        title, file.kernel, found.judgement, found.explanation, lines, found.key, found.bits,
        misread=found.question.key is not None,
    )  # fmt: skip


def of_kernel(judgement: Judgement, title: str | None = None, key: str | None = None) -> Subject:
    """Return the subject of a page about a kernel and the verdict over it on keys of type `key`."""
    from sortopt.emit import default_name
    from sortopt.tasks import explanation_of
    from sortopt.verify import Question, ladder

    kernel = judgement.kernel
    typed = None if key is None else key_type(key)
    explanation = explanation_of(kernel, judgement, typed)
    misread = typed is not None and not typed.fits(kernel)
    shown = title or f"{default_name(kernel)}, {words.length(kernel)}"
    rungs = ladder(judgement, Question(key=typed if misread else None))
    lines = tuple(words.rungs(kernel, rungs))
    return Subject(shown, kernel, judgement, explanation, lines, key, misread=misread)


def of_answer(answer: Answer) -> Subject | None:
    """Return the subject of a page about the kernel that a search found; None where it is unproved.

    What the page says of other kernels holds for the problem that was searched.
    """
    if answer.judgement is None:
        return None
    shorter = (
        "proved minimal: no shorter kernel exists in this model"
        if answer.proved_minimal
        else f"not proved minimal: proved lower bound {answer.lower_bound}"
    )
    model = f"model: {answer.problem.describe(restricted=answer.restricted)}"
    subject = of_kernel(answer.judgement)
    return replace(subject, lines=(*subject.lines, shorter, model))


def of_claim(found: Report) -> Subject:
    """Return the subject of a page about the claim from the internet, the program as shown."""
    shown = found.versions[0]
    lines = [
        f"{version.name}: right given {', or given '.join(map(str, version.weakest))}"
        for version in found.versions
    ]
    title = "The claim (June 2023): these instructions sort three keys"
    return replace(of_kernel(shown.findings[0].judgement, title), lines=tuple(lines))


def render(subject: Subject) -> str:
    """Return the page as HTML text; raises InputError where Jinja is not installed."""
    kernel, verdict = subject.kernel, subject.judgement.verdict
    start = _start(subject)
    steps = trace(kernel, *start)
    reading = _reading(kernel) if subject.misread else ""
    style = _file("page.css")
    script = _file("interpreter.js") + _file("page.js")
    paths = [(table.title, cycles, chain) for table, cycles, chain in critical_paths(kernel)]
    alike = "each instruction counted once", *critical_path(kernel, lambda _: 1)
    cpu, _, chain = paths[0] if paths else alike
    size, link = compiled.compiled(subject.judgement, subject.key) or (None, None)
    text: str = template().render(
        policy=_policy(style, script),
        title=subject.title,
        verdict=verdict.name,
        said=list(_said(subject)),
        contract=list(_contract(subject)),
        restart="Counterexample" if subject.explanation else "Example",
        outcome=stepping.outcome(kernel, start[0], steps[-1], reading),
        columns=stepping.columns(kernel),
        steps=list(stepping.rows(kernel, steps)),
        flow=_trusted(dataflow.draw(kernel, chain)),
        cpu=cpu,
        chain=" → ".join(str(index + 1) for index in chain) or "none",
        network=_network(kernel),
        costs=list(_costs(subject, paths, size)),
        text=_text(kernel, verdict.name),
        link=link,
        program=stepping.program(kernel) | {"start": stepping.as_text(start), "reading": reading},
        style=_trusted(style),
        script=_trusted(script),
    )
    return text.encode(errors="backslashreplace").decode()  # a file's name may be no text


def _rank(held: int | str | None) -> int | None:
    """Return the key that a cell of a trace holds: of an element, `1b`, its rank, if shown."""
    if isinstance(held, str):
        digits = re.match(r"\d+", held)
        return int(digits[0]) if digits else None
    return held


def _start(subject: Subject) -> tuple[Sequence[int], Sequence[int | None], Any]:
    """Return keys, scratch and flags on entry: of the counterexample, else keys that descend."""
    kernel = subject.kernel
    if subject.explanation is not None:
        entry = subject.explanation.rows[0]
        keys = [_rank(entry.cells[cell]) for cell in kernel.contract.inputs]
        if None not in keys:
            scratch = [_rank(entry.cells[cell]) for cell in kernel.scratch]
            return [key for key in keys if key is not None], scratch, entry.flags
    descending = tuple(range(kernel.n, 0, -1))
    assume = kernel.contract.precondition
    return (descending if assume.holds(descending) else assume.example(kernel.n)), (), None


def _said(subject: Subject) -> Iterator[str]:
    """Yield the verdict, and then a line for each thing that was checked."""
    kernel, judgement = subject.kernel, subject.judgement
    yield words.verdict(kernel, judgement, subject.key, subject.bits)
    for method, verdict, _ in words.methods(judgement, subject.bits):
        yield f"{method}: {verdict}"
    yield words.decided(judgement)
    if subject.explanation is not None:
        yield subject.explanation.sentence
    if subject.misread:
        yield f"the steps below show keys as the kernel reads them{_reading(kernel)}"
    yield from subject.lines


def _reading(kernel: Kernel) -> str:
    return f" (as {kernel.signedness.value} keys)" if kernel.signedness else ""


def _contract(subject: Subject) -> Iterator[tuple[str, str]]:
    kernel = subject.kernel
    contract, names = kernel.contract, [cell.name for cell in kernel.cells]
    keys = (f"{key_name(i, kernel.n)} in {names[c]}" for i, c in enumerate(contract.inputs))
    yield "inputs", ", ".join(keys)
    yield "outputs", f"{', '.join(names[cell] for cell in contract.outputs)} (least key first)"
    yield "scratch", ", ".join(names[cell] for cell in kernel.scratch) or "none"
    yield "goal", str(contract.goal)
    yield "precondition", str(contract.assume) if contract.assume != ALWAYS else "none"
    if subject.key is not None:
        yield "keys", subject.key
    yield "instruction set", f"{kernel.isa.name}: {kernel.isa.summary}"


def _network(kernel: Kernel) -> Any:
    """Return the drawing of the network that the kernel carries out, or None."""
    network = recognise(kernel)
    return None if network is None else _trusted(write_network(network, "svg"))


def _costs(subject: Subject, paths: Sequence[_Path], size: int | None) -> Iterator[tuple[str, str]]:
    kernel = subject.kernel
    yield "length", words.length(kernel)
    for cpu, cycles, _ in paths:
        yield f"critical path on {cpu}", f"{cycles:g} cycle{'s' * (cycles != 1)}"
    if size is not None:
        yield "machine code", f"{size} bytes, loads, stores and return included"


def _text(kernel: Kernel, verdict: str) -> str:
    """Return the kernel as a kernel file has it, or where none can, its instructions."""
    try:
        return print_kernel(kernel, expect=verdict if verdict in ("proved", "refuted") else None)
    except InputError:
        return "\n".join(stepping.spelled(kernel))


def _policy(style: str, script: str) -> str:
    """Return the content security policy: nothing is loaded, only these two texts are used."""
    digests = [b64encode(sha256(text.encode()).digest()).decode() for text in (style, script)]
    return (
        f"default-src 'none'; style-src 'sha256-{digests[0]}'; "
        f"script-src 'sha256-{digests[1]}'; base-uri 'none'; form-action 'none'"
    )


def _file(name: str) -> str:
    return (_FOLDER / name).read_text("utf-8")


def template() -> Any:
    """Return what a page is made from; raises InputError where Jinja is not installed."""
    try:
        import jinja2
    except ImportError:
        raise InputError(
            "a report needs jinja2, which is not installed", hint=f"pip install 'sortopt[{EXTRA}]'"
        ) from None
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
        keep_trailing_newline=True,
    )  # fmt: skip
    return environment.from_string(_file("page.html"))


def _trusted(text: str) -> Any:
    """Mark our own markup, so that it is not escaped."""
    import markupsafe

    return markupsafe.Markup(text)
