; sort2 of numbers, which doubles one of -0 and +0, and loses a key beside a NaN
; inputs:  xmm0 xmm1
; outputs: xmm2 xmm0
; assume:  none
; expect:  proved
; source:  written by hand: minima and maxima of the same operands in the same order
    movaps xmm2, xmm0
    minps  xmm2, xmm1
    maxps  xmm0, xmm1
