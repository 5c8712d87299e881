"""What a kernel is and what it means.

`Kernel` is a frozen program with its contract; `run` is *the* semantics: whatever else in the
house computes with kernels is derived from it or tested against it.  Instruction sets are data of
the types here; the data themselves stand in `targets`, one floor up.  Asks: base.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
