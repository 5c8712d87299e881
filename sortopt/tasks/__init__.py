"""One file a question that a user asks.

Find, check, check a folder, the fastest, list, choose, ship, measure, shorten, a network, the
landscape.  Each puts wings together and prints nothing.  Asks: every wing below.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
