from .catalogue import ISAS as ISAS
from .catalogue import MACHINES as MACHINES
from .catalogue import target as target
from .x86 import X86 as X86
from .x86_cmov import CONDITION_ALIASES as CONDITION_ALIASES
from .x86_cmov import CONDITIONS as CONDITIONS
from .x86_cmov import X86_CMOV as X86_CMOV
from .x86_minmax import X86_MINMAX as X86_MINMAX
