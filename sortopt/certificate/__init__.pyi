from . import file as file
from .checker import Check as Check
from .checker import check as check
from .maker import make as make
from .question import Question as Question
from .sequences import Composed as Composed
