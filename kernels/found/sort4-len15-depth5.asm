; sort4, 15 instructions
; inputs:  xmm0 xmm1 xmm2 xmm3
; outputs: xmm0 xmm1 xmm2 xmm3
; assume:  none
; expect:  proved
; source:  sortopt search --n 4 --isa x86-minmax, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    movdqa xmm4, xmm0
    pminsd xmm0, xmm1
    pmaxsd xmm1, xmm4
    movdqa xmm4, xmm2
    pminsd xmm4, xmm3
    pmaxsd xmm2, xmm3
    pmaxsd xmm3, xmm1
    pminsd xmm1, xmm2
    pmaxsd xmm3, xmm2
    movdqa xmm2, xmm0
    pminsd xmm0, xmm4
    pmaxsd xmm2, xmm4
    pmaxsd xmm4, xmm1
    pminsd xmm1, xmm2
    pmaxsd xmm2, xmm4
