from .branches import Branches as Branches
from .branches import instead as instead
from .lengths import Lengths as Lengths
from .lengths import parse_lengths as parse_lengths
from .reader import check_rewritable as check_rewritable
from .reader import read as read
from .reading import AS_WRITTEN as AS_WRITTEN
from .reading import Reading as Reading
