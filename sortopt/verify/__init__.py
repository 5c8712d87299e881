"""Verification: two proofs that share no code, and the verdict they give together.

`verify` proves or refutes a kernel for all inputs; unknown is never a pass, and a counterexample
is replayed on the interpreter before it is shown.  What follows from the proofs is here too:
explanations, repairs, weakest preconditions.  Nothing of the search is used.
Asks: base, model, targets, formats.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
