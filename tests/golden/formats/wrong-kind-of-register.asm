; inputs:  eax ecx
; outputs: eax ecx
    mov xmm0, xmm1
