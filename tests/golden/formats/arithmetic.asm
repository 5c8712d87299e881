; inputs:  eax ecx
; outputs: eax ecx
    sub eax, ecx
