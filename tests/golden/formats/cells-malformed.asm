; inputs:  eax ecx
; outputs: eax ecx
; cells: eax
    mov esi, eax
