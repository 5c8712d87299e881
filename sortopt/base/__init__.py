"""What every wing stands on: errors with place and hint, the one writer of files, the budget.

It knows nothing of kernels and asks no other wing.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
