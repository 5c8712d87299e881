; inputs:  eax ecx
; outputs: eax ecx
    vpminsd xmm0, xmm1, xmm2
