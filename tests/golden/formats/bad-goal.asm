; inputs:  eax ecx
; outputs: eax ecx
; goal: shuffle
    mov esi, eax
