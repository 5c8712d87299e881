from . import anytime as anytime
