; sort6, 32 instructions
; inputs:  xmm0 xmm1 xmm2 xmm3 xmm4 xmm5
; outputs: xmm0 xmm1 xmm2 xmm3 xmm4 xmm5
; assume:  none
; expect:  proved
; source:  sortopt search --n 6 --isa x86-minmax --time-limit 60, sortopt 0.1.0; proved by weak orders and z3; not proved minimal, at least 26
    movdqa xmm6, xmm3
    pminsd xmm6, xmm2
    pmaxsd xmm3, xmm2
    movdqa xmm2, xmm3
    pminsd xmm3, xmm1
    pmaxsd xmm3, xmm6
    pmaxsd xmm2, xmm1
    pminsd xmm6, xmm1
    movdqa xmm1, xmm0
    pmaxsd xmm1, xmm4
    pminsd xmm0, xmm4
    pminsd xmm4, xmm5
    pminsd xmm4, xmm0
    pmaxsd xmm0, xmm5
    pminsd xmm0, xmm1
    pmaxsd xmm5, xmm1
    pminsd xmm1, xmm3
    pmaxsd xmm3, xmm0
    pminsd xmm1, xmm0
    pminsd xmm0, xmm6
    pmaxsd xmm6, xmm4
    pminsd xmm0, xmm4
    pmaxsd xmm4, xmm2
    pminsd xmm2, xmm5
    pmaxsd xmm5, xmm4
    movdqa xmm4, xmm3
    pminsd xmm3, xmm2
    pmaxsd xmm4, xmm2
    pminsd xmm2, xmm6
    pmaxsd xmm2, xmm1
    pminsd xmm1, xmm6
    pmaxsd xmm3, xmm6
