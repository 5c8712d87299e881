from . import anytime as anytime
from . import comparators as comparators
