; inputs:  eax ecx
; outputs: eax ecx
    mov esi, eax
    pminsd xmm0, xmm1
