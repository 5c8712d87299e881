; sort3, 8 instructions
; inputs:  xmm0 xmm1 xmm2
; outputs: xmm0 xmm1 xmm2
; assume:  none
; expect:  proved
; source:  sortopt search --n 3 --isa x86-minmax, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    movdqa xmm3, xmm0
    pminsd xmm0, xmm2
    pmaxsd xmm2, xmm3
    movdqa xmm3, xmm1
    pminsd xmm1, xmm2
    pmaxsd xmm1, xmm0
    pminsd xmm0, xmm3
    pmaxsd xmm2, xmm3
