; inputs:  eax ecx
; outputs: eax ecx
    xchg eax, ecx
