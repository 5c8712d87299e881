"""Whether the machine's C compiler keeps the plain form of a kernel free of branches.

The plain form is compiled, and the object file read back as any user's would be: nothing is
believed of the compiler, and nothing is executed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sortopt import objects
from sortopt.base import UNLIMITED, Budget, InputError
from sortopt.emit import Provenance, Request, plain_function
from sortopt.model import Judgement, Kernel, Proved, for_keys, key_type, natural_key_type
from sortopt.native import compiler
from sortopt.verify import verify


@dataclass(frozen=True, slots=True)
class Kept:
    """What a compiler made of a plain form.

    `kernel` is what the object file holds, with its loads and stores, and `judgement` what the
    proofs say of it; both are None where it holds something outside the model, for `reason`.
    """

    compiler: str
    kernel: Kernel | None = None
    judgement: Judgement | None = None
    reason: str = ""

    @property
    def branchless(self) -> bool:
        """Whether the object file is proved to be a kernel: no branch, and correct."""
        return self.judgement is not None and isinstance(self.judgement.verdict, Proved)

    def __str__(self) -> str:
        if self.kernel is None or self.judgement is None:
            return f"{self.compiler}: what it made of the plain form is no kernel: {self.reason}"
        length = len(self.kernel) - self.kernel.memory_moves
        return (
            f"{self.compiler}: kept the plain form free of branches: {length} instructions and "
            f"{self.kernel.memory_moves} loads and stores, {self.judgement.verdict.name}"
        )


def compile_plain(kernel: Kernel, key: str | None = None, budget: Budget = UNLIMITED) -> Kept:
    """Compile the plain form of `kernel`, read the object file back, and verify it.

    Raises InputError where there is no C compiler, or where `kernel` returns fewer keys than it
    takes (its outputs would be a second buffer).
    """
    keys = key_type(key) if key else natural_key_type(kernel)
    request = Request(for_keys(kernel, keys), "plain", keys, Provenance())
    if not request.in_place:
        raise InputError("only kernels that sort in place are compiled and read back")
    found = compiler.find("c")
    if found is None:
        raise InputError("there is no C compiler", hint="install gcc or clang, or set $CC")
    source = "#include <stdint.h>\n" + plain_function(request, "plain", "void")
    with TemporaryDirectory(prefix="sortopt-plain-") as folder:
        path = found.build(source, "plain", Path(folder), shared=False)
        try:
            read = objects.read(path, assume=str(kernel.contract.assume) or None).kernel
        except InputError as error:
            return Kept(found.version, reason=error.message)
    return Kept(found.version, read, verify(read, budget=budget))
