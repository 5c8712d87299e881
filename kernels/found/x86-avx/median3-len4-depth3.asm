; median3, 4 instructions
; inputs:  xmm0 xmm1 xmm2
; outputs: xmm1
; assume:  none
; goal:    median
; expect:  proved
; source:  sortopt network --best 3 --goal median --lower --isa x86-avx, sortopt 0.1.0; minimal: sortopt search --goal median --outputs anywhere finds none of 3
    vpminsd xmm3, xmm0, xmm1
    vpmaxsd xmm1, xmm1, xmm0
    vpminsd xmm1, xmm1, xmm2
    vpmaxsd xmm1, xmm1, xmm3
