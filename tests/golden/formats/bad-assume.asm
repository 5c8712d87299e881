; inputs:  eax ecx
; outputs: eax ecx
; assume:  a < b and c <
    mov esi, eax
