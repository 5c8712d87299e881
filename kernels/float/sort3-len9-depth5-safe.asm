; sort3, 9 instructions, which keeps every number, -0, +0 and NaN
; inputs:  xmm0 xmm1 xmm2
; outputs: xmm0 xmm1 xmm2
; assume:  none
; keep:    safe
; expect:  proved
; source:  sortopt network --best 3 --lower --isa x86-float, sortopt 0.1.0
    movaps xmm3, xmm0
    minps  xmm0, xmm2
    maxps  xmm2, xmm3
    movaps xmm3, xmm0
    minps  xmm0, xmm1
    maxps  xmm1, xmm3
    movaps xmm3, xmm1
    minps  xmm1, xmm2
    maxps  xmm2, xmm3
