"""How a file that holds a kernel is to be read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read a kernel file: each option overrides the file's own directive.

    `function` names the function to read where a file holds several; `distinct_buffers` says that
    buffers behind different pointers do not overlap; `length` is where a function is given how many
    keys there are, and how many: `[rdi]=2..3`, `esi=2..5`.
    """

    dialect: str | None = None
    inputs: str | None = None
    outputs: str | None = None
    assume: str | None = None
    goal: str | None = None
    keep: str | None = None
    function: str | None = None
    distinct_buffers: bool = False
    length: str | None = None


AS_WRITTEN = Reading()
"""Take everything from the file."""
