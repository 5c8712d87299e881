"""Machine code to kernels: object files, and assembly text as compilers write it.

`read` is the door for every file that holds a kernel.  LLVM assembles (in a child process),
pyelftools reads ELF files and capstone decodes instructions; nothing that is read is executed.
Asks: base, model, formats, native (to assemble).
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
