; inputs:  xmm0 xmm1
; outputs: xmm0 xmm1
    movaps xmm2, xmm0
