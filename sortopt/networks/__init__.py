"""Comparator networks: read, check, write and draw them, know the best, lower them to kernels.

`check` is exact (0-1 principle), `best` returns networks from files that the tests check.
Asks: base, model, targets.

>>> network = best(8)
>>> network.size, network.depth, check(network).name
(19, 6, 'proved')
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
