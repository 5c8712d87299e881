; inputs:  eax ecx
; outputs: eax ecx
    12 eax
