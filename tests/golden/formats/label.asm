; inputs:  eax ecx
; outputs: eax ecx
again:
    cmp eax, ecx
