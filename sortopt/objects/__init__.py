"""Machine code to kernels: object files, and assembly text as compilers write it.

LLVM assembles (in a child process), pyelftools reads ELF files and capstone decodes instructions;
nothing that is read here is executed.
"""

from sortopt.objects.read import check_rewritable, read

__all__ = ["check_rewritable", "read"]
