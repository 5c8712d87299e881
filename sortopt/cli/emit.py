"""`sortopt emit FILE --to TARGET`."""

from __future__ import annotations

import click

from sortopt import api
from sortopt.base import Budget, ExitCode
from sortopt.cli import options, output
from sortopt.report import records, tables, words

TARGETS = (
    "c", "cpp", "rust", "asm-intel", "asm-att", "asm-aarch64", "asm-riscv", "llvm", "python",
)  # fmt: skip
"""The targets; `tests` compare them with the emitters that there are."""


@click.command(
    epilog="""\b
Examples:
  sortopt emit kernels/alphadev/sort3.asm --to c
  sortopt emit kernels/alphadev/sort5.asm --to rust --key uint64 -o sort5.rs
  sortopt emit kernels/alphadev/sort4.asm --to c --key float32 --order total
  sortopt emit kernels/kept/sort3-len11-depth6-stable.asm --to c --payload uint32_t"""
)
@click.argument("file")
@click.option("--to", "target", type=click.Choice(TARGETS), required=True, help="What to write.")
@click.option("--name", metavar="NAME", help="The function's name; by default sort3 and the like.")
@options.typed
@click.option(
    "--payload",
    metavar="TYPE",
    help="Sort pairs of a key and a payload of this type, for example uint32_t (c, cpp, rust).",
)
@click.option(
    "--layout",
    type=click.Choice(api.LAYOUTS),
    default=api.LAYOUTS[0],
    help="Payloads in an array of their own (the default), or each in a record with its key.",
)
@click.option(
    "--argsort",
    is_flag=True,
    help="Leave the keys alone, return their places, from 0; --payload is the type of these.",
)
@click.option(
    "--compare", is_flag=True, help="Sort by any comparator, also one that lies (cpp, rust)."
)
@click.option(
    "--trust-comparator",
    "trusted",
    is_flag=True,
    help="Take a kernel that loses keys where the comparator of --compare is no strict weak order.",
)
@click.option(
    "--order",
    type=click.Choice(api.ORDERS),
    help="total: float32 or float64 keys, NaN and zeros too, by a kernel of integers.",
)
@output.path
@output.force
@output.quiet
@click.option(
    "--compiled", is_flag=True, help="Say what the C compiler here makes of the plain form."
)
@options.reading
@options.time_limit
@options.as_json
def command(
    file: str,
    target: str,
    name: str | None,
    key: str | None,
    payload: str | None,
    layout: str,
    argsort: bool,
    compare: bool,
    trusted: bool,
    order: str | None,
    output_: str | None,
    force: bool,
    compiled: bool,
    reading: api.Reading,
    budget: Budget,
    as_json: bool,
) -> ExitCode:
    """Prove the kernel in FILE ("-" is standard input) and write it as source code.

    What is written says in a comment what it promises and how that was proved.  A kernel that is
    refuted, or could not be proved, is not written.  With a payload or a comparator it must keep
    every key, also where keys tie; under any comparator, whatever that answers.
    """
    output.check(output_, force=force)
    options.refuse_idle({"layout": (payload, "--payload"), "trusted": (compare, "--compare")})
    if compiled and (payload or argsort or compare or order):
        raise click.UsageError("--compiled is about keys alone; leave out what else is sorted")
    items = api.Items(payload, layout, argsort, compare, trusted, order)
    found = api.emit_file(file, target, reading, name=name, key=key, items=items, budget=budget)
    kept = None
    if compiled and found.text is not None:
        kept = api.compile_plain(found.checked.file.kernel, key, budget)
    if found.text is not None and (output_ is not None or not as_json):
        output.write(found.text, output_, force=force)
    if as_json:
        tables.show_record(records.emitted(found, target, output_, kept))
    elif found.text is None or output_ is not None:
        output.say(words.emitted(found, output_))
    if kept is not None and not as_json:
        output.say(str(kept))
    return output.status_of(found.checked.judgement.verdict)
