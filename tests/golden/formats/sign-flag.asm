; inputs:  eax ecx
; outputs: eax ecx
    cmp eax, ecx
    cmovs eax, ecx
