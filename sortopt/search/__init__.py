"""Search for shortest kernels: exhaustive with proof, and anytime for more keys.

`problem` says what is looked for; `universe`, `canon` and `bounds` are its tables; `frontier`
expands them level by level; `exhaustive` answers "what is the shortest?".  The modules whose names
begin with an underscore hold compiled code only.

The package is callable: `sortopt.search(n=3)` is `sortopt.pipeline.search(n=3)`.
"""

from pathlib import Path

from sortopt.callable_package import make_callable, named
from sortopt.search.fresh import drop_stale

make_callable(__name__, named("sortopt.pipeline", "search"))
drop_stale(Path(__file__).parent)
