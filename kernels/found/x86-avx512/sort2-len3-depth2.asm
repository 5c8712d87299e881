; sort2, 3 instructions
; inputs:  xmm0 xmm1
; outputs: xmm0 xmm1
; assume:  none
; expect:  proved
; source:  sortopt search --n 2 --isa x86-avx512, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    vmovdqa64 xmm2, xmm0
    vpminsq xmm0, xmm0, xmm1
    vpmaxsq xmm1, xmm1, xmm2
