"""Native execution: kernels as machine code on this CPU, run and timed in a child process.

Only instructions of the model are ever run: the code is made from kernels, never from a user's
text.
"""

from sortopt.native.execute import execute
from sortopt.native.rank import RANKINGS, Ranked, fastest, rank

__all__ = ["RANKINGS", "Ranked", "execute", "fastest", "rank"]
