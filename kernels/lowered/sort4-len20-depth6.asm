; sort4 from a network of 5 comparators in 3 layers
;   layers [1:3 2:4] [1:2 3:4] [2:3]
; inputs:  eax ecx edx esi
; outputs: eax ecx edx esi
; assume:  none
; expect:  proved
; source:  lowered by hand, four instructions a comparator, from the best network (Dobbelaere's list)
    mov    edi, eax
    cmp    eax, edx
    cmovg  eax, edx
    cmovg  edx, edi
    mov    edi, ecx
    cmp    ecx, esi
    cmovg  ecx, esi
    cmovg  esi, edi
    mov    edi, eax
    cmp    eax, ecx
    cmovg  eax, ecx
    cmovg  ecx, edi
    mov    edi, edx
    cmp    edx, esi
    cmovg  edx, esi
    cmovg  esi, edi
    mov    edi, ecx
    cmp    ecx, edx
    cmovg  ecx, edx
    cmovg  edx, edi
