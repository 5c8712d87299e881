; sort2 of the keys in each lane, from a network of 1 comparators
;   layers [1:2]
; inputs:  xmm0 xmm1
; outputs: xmm0 xmm1
; assume:  none
; expect:  proved
; source:  lowered by hand, three instructions a comparator, from the best network (Dobbelaere's list)
    movdqa xmm2, xmm0
    pminsd xmm0, xmm1
    pmaxsd xmm1, xmm2
