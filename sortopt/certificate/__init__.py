"""Certificates of lower bounds: the file, and a checker that trusts no search.

`check` verifies every condition from the plain interpreter on; this wing is the trust base of a
claim "no shorter kernel exists".  Asks: base, model, targets.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
