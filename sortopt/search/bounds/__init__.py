"""Lower bounds on the instructions that a state still needs: admissible, each with its reason.

`build_database` makes the tables of a problem.  Asks: base, model, search.space.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
