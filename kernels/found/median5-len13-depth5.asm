; median5, 13 instructions
; inputs:  xmm0 xmm1 xmm2 xmm3 xmm4
; outputs: xmm2
; goal:    median
; assume:  none
; expect:  proved
; source:  sortopt search --n 5 --isa x86-minmax --goal median --outputs anywhere, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    movdqa xmm5, xmm0
    pminsd xmm0, xmm1
    pmaxsd xmm1, xmm5
    movdqa xmm5, xmm2
    pminsd xmm2, xmm3
    pmaxsd xmm3, xmm5
    pmaxsd xmm2, xmm0
    pminsd xmm1, xmm3
    movdqa xmm5, xmm2
    pminsd xmm2, xmm4
    pmaxsd xmm4, xmm5
    pmaxsd xmm2, xmm1
    pminsd xmm2, xmm4

; 13 instructions, and no shorter kernel exists
; model: goal median, 5 keys, x86-minmax, signed keys, 1 scratch cell, outputs anywhere, all inputs, ties included; undefined cells and flags are never compared or tested
; searched: 345,277 states, 36.53 s
; proved for all inputs: equal keys, signed keys of 32 bits, any scratch contents and flags on entry
; verified by weak orders (0.017 s) and z3 (0.014 s)
