; inputs:  eax ecx
; outputs: eax ecx
    frobnicate eax, ecx
