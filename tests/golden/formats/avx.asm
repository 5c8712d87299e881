; inputs:  eax ecx
; outputs: eax ecx
    vpaddd xmm0, xmm1, xmm2
