; sort5 of the keys in each lane, from a network of 9 comparators
;   layers [1:4 2:5] [1:3 2:4] [1:2 3:5] [2:3 4:5] [3:4]
; inputs:  xmm0 xmm1 xmm2 xmm3 xmm4
; outputs: xmm0 xmm1 xmm2 xmm3 xmm4
; assume:  none
; expect:  proved
; source:  lowered by hand, three instructions a comparator, from the best network (Dobbelaere's list)
    movdqa xmm5, xmm0
    pminsd xmm0, xmm3
    pmaxsd xmm3, xmm5
    movdqa xmm5, xmm1
    pminsd xmm1, xmm4
    pmaxsd xmm4, xmm5
    movdqa xmm5, xmm0
    pminsd xmm0, xmm2
    pmaxsd xmm2, xmm5
    movdqa xmm5, xmm1
    pminsd xmm1, xmm3
    pmaxsd xmm3, xmm5
    movdqa xmm5, xmm0
    pminsd xmm0, xmm1
    pmaxsd xmm1, xmm5
    movdqa xmm5, xmm2
    pminsd xmm2, xmm4
    pmaxsd xmm4, xmm5
    movdqa xmm5, xmm1
    pminsd xmm1, xmm2
    pmaxsd xmm2, xmm5
    movdqa xmm5, xmm3
    pminsd xmm3, xmm4
    pmaxsd xmm4, xmm5
    movdqa xmm5, xmm2
    pminsd xmm2, xmm3
    pmaxsd xmm3, xmm5
