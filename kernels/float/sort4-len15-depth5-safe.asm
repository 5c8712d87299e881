; sort4, 15 instructions, which keeps every number, -0, +0 and NaN
; inputs:  xmm0 xmm1 xmm2 xmm3
; outputs: xmm0 xmm1 xmm2 xmm3
; assume:  none
; keep:    safe
; expect:  proved
; source:  sortopt network --best 4 --lower --isa x86-float, sortopt 0.1.0
    movaps xmm4, xmm0
    minps  xmm0, xmm2
    maxps  xmm2, xmm4
    movaps xmm4, xmm1
    minps  xmm1, xmm3
    maxps  xmm3, xmm4
    movaps xmm4, xmm0
    minps  xmm0, xmm1
    maxps  xmm1, xmm4
    movaps xmm4, xmm2
    minps  xmm2, xmm3
    maxps  xmm3, xmm4
    movaps xmm4, xmm1
    minps  xmm1, xmm2
    maxps  xmm2, xmm4
