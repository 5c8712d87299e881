; inputs:  eax ecx
; outputs: eax ecx
; goal: max
    mov esi, eax
