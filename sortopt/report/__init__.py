"""What an answer looks like: words, JSON records, tables, a page.  No command line in it.

Asks: every wing below.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
