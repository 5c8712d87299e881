; sort2, 3 instructions, which keeps every number, -0, +0 and NaN
; inputs:  xmm0 xmm1
; outputs: xmm0 xmm1
; assume:  none
; keep:    safe
; expect:  proved
; source:  sortopt network --best 2 --lower --isa x86-float, sortopt 0.1.0
    movaps xmm2, xmm0
    minps  xmm0, xmm1
    maxps  xmm1, xmm2
