; sort4, 10 instructions
; inputs:  xmm0 xmm1 xmm2 xmm3
; outputs: xmm0 xmm1 xmm2 xmm3
; assume:  none
; expect:  proved
; source:  sortopt search --n 4 --isa x86-avx, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    vpminsd xmm4, xmm1, xmm3
    vpmaxsd xmm3, xmm1, xmm3
    vpmaxsd xmm1, xmm0, xmm2
    vpminsd xmm2, xmm0, xmm2
    vpminsd xmm0, xmm2, xmm4
    vpmaxsd xmm4, xmm2, xmm4
    vpminsd xmm2, xmm1, xmm3
    vpmaxsd xmm3, xmm1, xmm3
    vpminsd xmm1, xmm2, xmm4
    vpmaxsd xmm2, xmm2, xmm4
