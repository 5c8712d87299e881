; inputs:  eax ecx
; outputs: eax ecx
; inputs: eax edx
    mov esi, eax
