; inputs:  eax ecx eax
; outputs: eax ecx
    mov esi, eax
