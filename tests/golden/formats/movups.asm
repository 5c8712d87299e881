; inputs:  xmm0 xmm1
; outputs: xmm0 xmm1
    movups xmm2, xmm0
