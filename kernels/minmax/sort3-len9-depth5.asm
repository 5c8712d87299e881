; sort3 of the keys in each lane, from a network of 3 comparators
;   layers [1:3] [1:2] [2:3]
; inputs:  xmm0 xmm1 xmm2
; outputs: xmm0 xmm1 xmm2
; assume:  none
; expect:  proved
; source:  lowered by hand, three instructions a comparator, from the best network (Dobbelaere's list)
    movdqa xmm3, xmm0
    pminsd xmm0, xmm2
    pmaxsd xmm2, xmm3
    movdqa xmm3, xmm0
    pminsd xmm0, xmm1
    pmaxsd xmm1, xmm3
    movdqa xmm3, xmm1
    pminsd xmm1, xmm2
    pmaxsd xmm2, xmm3
