from .counting import Optima as Optima
from .counting import Path as Path
from .counting import optima as optima
