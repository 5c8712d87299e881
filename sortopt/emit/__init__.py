"""Kernels as source text: a module a language.

`emit` is the door.  Asks: base, model, targets, formats.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
