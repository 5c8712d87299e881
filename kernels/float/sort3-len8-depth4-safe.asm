; sort3, 8 instructions, which keeps every number, -0, +0 and NaN
; inputs:  xmm0 xmm1 xmm2
; outputs: xmm0 xmm1 xmm2
; assume:  none
; keep:    safe
; expect:  proved
; source:  sortopt search --n 3 --key float32 --keep safe, sortopt 0.1.0
    movaps xmm3, xmm0
    minps  xmm3, xmm1
    maxps  xmm1, xmm0
    movaps xmm0, xmm2
    minps  xmm0, xmm3
    maxps  xmm3, xmm2
    maxps  xmm2, xmm1
    minps  xmm1, xmm3
