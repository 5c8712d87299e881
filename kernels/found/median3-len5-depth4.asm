; median3, 5 instructions
; inputs:  xmm0 xmm1 xmm2
; outputs: xmm1
; assume:  none
; goal:    median
; expect:  proved
; source:  sortopt network --best 3 --goal median --lower --isa x86-minmax, sortopt 0.1.0; minimal: sortopt search --goal median --outputs anywhere finds none of 4
    movdqa xmm3, xmm0
    pminsd xmm0, xmm1
    pmaxsd xmm1, xmm3
    pminsd xmm1, xmm2
    pmaxsd xmm1, xmm0
