from .x86 import CONDITION_ALIASES as CONDITION_ALIASES
from .x86 import CONDITIONS as CONDITIONS
from .x86 import ISAS as ISAS
from .x86 import X86_CMOV as X86_CMOV
from .x86 import X86_MINMAX as X86_MINMAX
