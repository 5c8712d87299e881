"""What is searched: assignments as numbers, instructions as tables, and their symmetries.

`build` makes the universe of a problem.  Asks: base, model, targets.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
