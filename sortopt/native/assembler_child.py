"""The child process: `python -m sortopt.native.assembler_child` assembles its stdin to its stdout.

Text that LLVM cannot read ends this process, with the reason on stderr.
"""

from __future__ import annotations

import resource
import sys

import llvmlite.binding as llvm

TRIPLE = "x86_64-unknown-linux-gnu"
MEMORY = 4 << 30
"""The most address space, in bytes: LLVM needs about one GiB of it for itself."""
CPU_SECONDS = 20


def assemble(text: str) -> bytes:
    """Return the object file of `text`; ends the process where it cannot be read."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    llvm.initialize_native_asmparser()
    module = llvm.parse_assembly(f'target triple = "{TRIPLE}"\nmodule asm "{_escaped(text)}"\n')
    machine = llvm.Target.from_triple(TRIPLE).create_target_machine(opt=0)
    return bytes(machine.emit_object(module))


def _escaped(text: str) -> str:
    """Write `text` as LLVM IR writes a string, its UTF-8 bytes outside plain ASCII as hex."""
    return "".join(
        chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:02X}"
        for byte in text.encode()
    )


def main() -> None:
    """Assemble stdin to stdout, within limits on time and memory."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        data = assemble(sys.stdin.buffer.read().decode())
    except RuntimeError as error:
        sys.exit(f"{error}".strip() or "no assembler for x86-64")
    sys.stdout.buffer.write(data)


if __name__ == "__main__":
    main()
