from . import _pattern_kernels as _pattern_kernels
from ._pattern_kernels import has_choice as has_choice
from .patterns import UNREACHABLE as UNREACHABLE
from .patterns import PatternDatabase as PatternDatabase
from .patterns import build_database as build_database
from .patterns import relaxed as relaxed
