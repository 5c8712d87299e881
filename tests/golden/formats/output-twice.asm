; inputs:  eax ecx
; outputs: eax, eax
    mov esi, eax
