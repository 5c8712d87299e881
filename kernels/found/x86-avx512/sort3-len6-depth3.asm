; sort3, 6 instructions
; inputs:  xmm0 xmm1 xmm2
; outputs: xmm0 xmm1 xmm2
; assume:  none
; expect:  proved
; source:  sortopt search --n 3 --isa x86-avx512, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    vpminsq xmm3, xmm1, xmm2
    vpmaxsq xmm1, xmm1, xmm2
    vpmaxsq xmm2, xmm0, xmm1
    vpminsq xmm1, xmm0, xmm1
    vpmaxsq xmm1, xmm1, xmm3
    vpminsq xmm0, xmm0, xmm3
