; sort2 from a network of 1 comparators in 1 layers
;   layers [1:2]
; inputs:  eax ecx
; outputs: eax ecx
; assume:  none
; expect:  proved
; source:  lowered by hand, four instructions a comparator, from the best network (Dobbelaere's list)
    mov    edx, eax
    cmp    eax, ecx
    cmovg  eax, ecx
    cmovg  ecx, edx
