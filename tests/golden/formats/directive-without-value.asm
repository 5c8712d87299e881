; inputs:
; outputs: eax ecx
    mov esi, eax
