; inputs:  eax ecx
; outputs: eax ecx
    cmp eax, 5
