from ._pattern_kernels import Costs as Costs
from ._pattern_kernels import Elements as Elements
from ._pattern_kernels import Orbits as Orbits
from ._pattern_kernels import has_choice as has_choice
from .patterns import UNREACHABLE as UNREACHABLE
from .patterns import PatternDatabase as PatternDatabase
from .patterns import build_database as build_database
from .patterns import relaxed as relaxed
