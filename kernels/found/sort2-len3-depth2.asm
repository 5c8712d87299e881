; sort2, 3 instructions
; inputs:  xmm0 xmm1
; outputs: xmm0 xmm1
; assume:  none
; expect:  proved
; source:  sortopt search --n 2 --isa x86-minmax, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    movdqa xmm2, xmm0
    pminsd xmm0, xmm1
    pmaxsd xmm1, xmm2
