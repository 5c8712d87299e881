"""Kernels as machine code on this CPU, run and timed in a child process.

Only instructions of the model are ever run: the code is made from kernels, never from a user's
text.  `bench` times, `rank` orders by cost, `execute` runs.  Asks: base, model, targets, networks,
formats, emit.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
