"""All shortest kernels: counted exactly, and listed.

`optima` is the door.  Asks: base, model, and the wings of the search below.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
