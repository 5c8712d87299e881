; inputs:  eax ecx
; outputs: eax ecx
; cells: edx=x
    mov esi, eax
