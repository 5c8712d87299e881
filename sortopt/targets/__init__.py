"""The instruction sets, as data: one file each, no code.

A target says which forms there are, which registers hold keys and in which order, what a form is
called and what it needs.  What differs between two machines differs here and nowhere else.
Asks: model, for the types.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
