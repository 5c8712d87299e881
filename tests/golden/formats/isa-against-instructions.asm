; inputs:  eax ecx
; outputs: eax ecx
; isa: x86-minmax
    mov esi, eax
