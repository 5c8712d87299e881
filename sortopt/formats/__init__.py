"""Kernel files: text to kernel and back, a module a dialect.

`parse` reads, `print_kernel` writes, and what is written reads back as the same kernel.  What is
not understood is refused with its place.  Asks: base, model, targets.

>>> file = parse("; inputs: eax ecx\\n; outputs: eax ecx\\nmov eax, ecx")
>>> file.dialect, len(file.kernel)
('intel', 1)
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
