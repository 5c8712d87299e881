from .complete import MOST_KEYS as MOST_KEYS
from .pareto import Front as Front
from .pareto import front as front
