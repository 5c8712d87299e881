"""Shorten a given kernel: windows with their context, dropped instructions, free movs, networks.

Each step is proved.  Asks: base, model, targets, networks, formats, verify.

>>> from sortopt.networks import best, lower
>>> from sortopt.base import Budget
>>> found = optimize(lower(best(3)), Budget(20))
>>> len(found.original), len(found.kernel), found.judgement.verdict.name
(12, 11, 'proved')
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
