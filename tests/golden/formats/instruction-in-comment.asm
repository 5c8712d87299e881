; inputs:  eax ecx
; outputs: eax ecx
    mov esi, eax; cmp ecx, eax
