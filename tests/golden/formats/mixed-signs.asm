; inputs:  eax ecx
; outputs: eax ecx
    cmp eax, ecx
    cmovl eax, ecx
    cmova ecx, eax
