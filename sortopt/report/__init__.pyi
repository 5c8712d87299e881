from . import records as records
from . import tables as tables
from . import words as words
