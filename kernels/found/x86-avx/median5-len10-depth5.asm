; median5, 10 instructions
; inputs:  xmm0 xmm1 xmm2 xmm3 xmm4
; outputs: xmm1
; assume:  none
; goal:    median
; expect:  proved
; source:  sortopt network --best 5 --goal median --lower --isa x86-avx, then sortopt optimize, sortopt 0.1.0; minimal: sortopt search --goal median --outputs anywhere finds none of 9
    vpminsd xmm5, xmm0, xmm1
    vpmaxsd xmm1, xmm1, xmm0
    vpminsd xmm0, xmm2, xmm3
    vpmaxsd xmm3, xmm3, xmm2
    vpmaxsd xmm0, xmm0, xmm5
    vpminsd xmm1, xmm1, xmm3
    vpminsd xmm5, xmm0, xmm4
    vpmaxsd xmm4, xmm4, xmm0
    vpmaxsd xmm5, xmm5, xmm1
    vpminsd xmm1, xmm4, xmm5
