; sort4 of the keys in each lane, from a network of 5 comparators
;   layers [1:3 2:4] [1:2 3:4] [2:3]
; inputs:  xmm0 xmm1 xmm2 xmm3
; outputs: xmm0 xmm1 xmm2 xmm3
; assume:  none
; expect:  proved
; source:  lowered by hand, three instructions a comparator, from the best network (Dobbelaere's list)
    movdqa xmm4, xmm0
    pminsd xmm0, xmm2
    pmaxsd xmm2, xmm4
    movdqa xmm4, xmm1
    pminsd xmm1, xmm3
    pmaxsd xmm3, xmm4
    movdqa xmm4, xmm0
    pminsd xmm0, xmm1
    pmaxsd xmm1, xmm4
    movdqa xmm4, xmm2
    pminsd xmm2, xmm3
    pmaxsd xmm3, xmm4
    movdqa xmm4, xmm1
    pminsd xmm1, xmm2
    pmaxsd xmm2, xmm4
