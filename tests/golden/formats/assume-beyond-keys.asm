; inputs:  eax ecx
; outputs: eax ecx
; assume:  a < c
    mov esi, eax
