; sort3, 6 instructions
; inputs:  xmm0 xmm1 xmm2
; outputs: xmm0 xmm1 xmm2
; assume:  none
; expect:  proved
; source:  sortopt search --n 3 --isa x86-avx, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    vpminsd xmm3, xmm1, xmm2
    vpmaxsd xmm1, xmm1, xmm2
    vpmaxsd xmm2, xmm0, xmm1
    vpminsd xmm1, xmm0, xmm1
    vpmaxsd xmm1, xmm1, xmm3
    vpminsd xmm0, xmm0, xmm3
