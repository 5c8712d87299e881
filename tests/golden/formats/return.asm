; inputs:  eax ecx
; outputs: eax ecx
    mov esi, eax
    ret
    mov eax, ecx
