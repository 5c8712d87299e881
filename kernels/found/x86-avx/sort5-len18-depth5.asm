; sort5, 18 instructions
; inputs:  xmm0 xmm1 xmm2 xmm3 xmm4
; outputs: xmm0 xmm1 xmm2 xmm3 xmm4
; assume:  none
; expect:  proved
; source:  sortopt search --n 5 --time-limit 20 --isa x86-avx --seed 0 --threads 2, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    vpmaxsd xmm5, xmm0, xmm2
    vpminsd xmm2, xmm2, xmm0
    vpminsd xmm0, xmm3, xmm4
    vpmaxsd xmm4, xmm4, xmm3
    vpminsd xmm3, xmm2, xmm1
    vpmaxsd xmm1, xmm1, xmm2
    vpmaxsd xmm2, xmm0, xmm5
    vpminsd xmm5, xmm5, xmm0
    vpminsd xmm0, xmm3, xmm5
    vpmaxsd xmm3, xmm5, xmm3
    vpminsd xmm5, xmm1, xmm4
    vpmaxsd xmm4, xmm4, xmm1
    vpminsd xmm1, xmm3, xmm5
    vpmaxsd xmm3, xmm5, xmm3
    vpminsd xmm5, xmm2, xmm4
    vpmaxsd xmm4, xmm4, xmm2
    vpminsd xmm2, xmm3, xmm5
    vpmaxsd xmm3, xmm5, xmm3
