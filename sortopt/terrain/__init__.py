"""The landscape of kernels: which there are of each length, and where single edits lead.

`lengths` counts, lists and draws all kernels of a length; `whole_level` and `drawn_level` say how
they hang together by edits; `failing` and `reached` look at programs that are wrong.  What is
listed is complete, what is drawn uniform, and neither depends on the number of threads.
Asks: base, model, and the wings of the search below.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
