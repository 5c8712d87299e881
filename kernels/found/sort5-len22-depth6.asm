; sort5, 22 instructions
; inputs:  xmm0 xmm1 xmm2 xmm3 xmm4
; outputs: xmm0 xmm1 xmm2 xmm3 xmm4
; assume:  none
; expect:  proved
; source:  sortopt search --n 5 --isa x86-minmax, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    movdqa xmm5, xmm1
    pminsd xmm1, xmm3
    pmaxsd xmm3, xmm5
    movdqa xmm5, xmm4
    pminsd xmm5, xmm0
    pmaxsd xmm4, xmm0
    movdqa xmm0, xmm1
    pmaxsd xmm1, xmm2
    pminsd xmm0, xmm2
    pmaxsd xmm2, xmm3
    pminsd xmm1, xmm3
    movdqa xmm3, xmm5
    pmaxsd xmm5, xmm0
    pminsd xmm0, xmm3
    pmaxsd xmm3, xmm2
    pminsd xmm3, xmm4
    pmaxsd xmm3, xmm1
    pminsd xmm1, xmm4
    pmaxsd xmm4, xmm2
    pminsd xmm2, xmm5
    pmaxsd xmm2, xmm1
    pminsd xmm1, xmm5
