; inputs:  eax ecx
; outputs: eax ecx
; expect: prooved
    mov esi, eax
