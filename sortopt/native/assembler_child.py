"""The child process: `python -m sortopt.native.assembler_child` compiles the texts on its stdin.

Each text, LLVM IR, is compiled in a fork of this process, with limits on time, memory and files:
LLVM ends the process in which it meets a text that it cannot read.  A request is the length of a
text in eight bytes, and the text; an answer is one byte (0 where an object file was made), a
length, and the object file or what LLVM said.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from tempfile import TemporaryFile

import llvmlite.binding as llvm

from sortopt.base import end_with_parent

TRIPLE = "x86_64-unknown-linux-gnu"
MEMORY = 2 << 30
"""The most address space, in bytes: LLVM needs about one GiB of it for itself."""
CPU_SECONDS = 5
_LIMITS = (
    (resource.RLIMIT_AS, MEMORY),
    (resource.RLIMIT_CPU, CPU_SECONDS),
    (resource.RLIMIT_CORE, 0),
    (resource.RLIMIT_NOFILE, 0),  # no directive of a text opens a file
)


def compiled(text: str) -> bytes:
    """Return the object file of LLVM IR; ends the process where it cannot be read."""
    module = llvm.parse_assembly(text)
    machine = llvm.Target.from_triple(TRIPLE).create_target_machine(opt=2)
    module.triple, module.data_layout = TRIPLE, str(machine.target_data)
    return bytes(machine.emit_object(module))


def answer(text: bytes) -> tuple[bool, bytes]:
    """Return whether `text` could be compiled, and the object file or what LLVM said."""
    with TemporaryFile(buffering=0) as made, TemporaryFile(buffering=0) as said:
        parent = os.getpid()
        child = os.fork()
        if child == 0:
            end_with_parent(parent)
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
            for limit, most in _LIMITS:
                resource.setrlimit(limit, (most, most))
            try:
                made.write(compiled(text.decode()))
            except (RuntimeError, MemoryError, OSError) as error:
                os.write(2, f"error: {error}".replace("LLVM IR parsing error\n", "").encode())
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL):
            os.write(said.fileno(), b"error: it takes too much time or memory")
        told = said if status else made
        told.seek(0)
        return status == 0, told.read()


def main() -> None:
    """Answer requests until there are no more."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    llvm.initialize_native_asmparser()
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    while length := requests.read(8):
        done, told = answer(requests.read(int.from_bytes(length, "little")))
        answers.write(bytes([not done]) + len(told).to_bytes(8, "little") + told)
        answers.flush()


if __name__ == "__main__":
    main()
