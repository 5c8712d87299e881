from . import checker as checker
from . import file as file
from .checker import Check as Check
from .maker import certificate_of as certificate_of
