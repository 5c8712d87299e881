from .classes import classes_of as classes_of
from .counting import Optima as Optima
from .counting import Path as Path
from .counting import optima as optima
