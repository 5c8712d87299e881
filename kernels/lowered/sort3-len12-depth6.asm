; sort3 from a network of 3 comparators in 3 layers
;   layers [1:3] [1:2] [2:3]
; inputs:  eax ecx edx
; outputs: eax ecx edx
; assume:  none
; expect:  proved
; source:  lowered by hand, four instructions a comparator, from the best network (Dobbelaere's list)
    mov    esi, eax
    cmp    eax, edx
    cmovg  eax, edx
    cmovg  edx, esi
    mov    esi, eax
    cmp    eax, ecx
    cmovg  eax, ecx
    cmovg  ecx, esi
    mov    esi, ecx
    cmp    ecx, edx
    cmovg  ecx, edx
    cmovg  edx, esi
