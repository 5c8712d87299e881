; sort4, 10 instructions
; inputs:  xmm0 xmm1 xmm2 xmm3
; outputs: xmm0 xmm1 xmm2 xmm3
; assume:  none
; expect:  proved
; source:  sortopt search --n 4 --isa x86-avx512, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    vpminsq xmm4, xmm1, xmm3
    vpmaxsq xmm3, xmm1, xmm3
    vpmaxsq xmm1, xmm0, xmm2
    vpminsq xmm2, xmm0, xmm2
    vpminsq xmm0, xmm2, xmm4
    vpmaxsq xmm4, xmm2, xmm4
    vpminsq xmm2, xmm1, xmm3
    vpmaxsq xmm3, xmm1, xmm3
    vpminsq xmm1, xmm2, xmm4
    vpmaxsq xmm2, xmm2, xmm4
