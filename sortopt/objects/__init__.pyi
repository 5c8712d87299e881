from .branches import Branches as Branches
from .reader import check_rewritable as check_rewritable
from .reader import read as read
from .reading import AS_WRITTEN as AS_WRITTEN
from .reading import Reading as Reading
