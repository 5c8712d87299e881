; sort5, 18 instructions
; inputs:  xmm0 xmm1 xmm2 xmm3 xmm4
; outputs: xmm0 xmm1 xmm2 xmm3 xmm4
; assume:  none
; expect:  proved
; source:  sortopt search --n 5 --isa x86-avx512, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    vpmaxsq xmm5, xmm0, xmm2
    vpminsq xmm2, xmm2, xmm0
    vpminsq xmm0, xmm3, xmm4
    vpmaxsq xmm4, xmm4, xmm3
    vpminsq xmm3, xmm2, xmm1
    vpmaxsq xmm1, xmm1, xmm2
    vpmaxsq xmm2, xmm0, xmm5
    vpminsq xmm5, xmm5, xmm0
    vpminsq xmm0, xmm3, xmm5
    vpmaxsq xmm3, xmm5, xmm3
    vpminsq xmm5, xmm1, xmm4
    vpmaxsq xmm4, xmm4, xmm1
    vpminsq xmm1, xmm3, xmm5
    vpmaxsq xmm3, xmm5, xmm3
    vpminsq xmm5, xmm2, xmm4
    vpmaxsq xmm4, xmm4, xmm2
    vpminsq xmm2, xmm3, xmm5
    vpmaxsq xmm3, xmm5, xmm3
