; inputs:  eax ecx
; outputs: eax ecx
; isa: arm
    mov esi, eax
