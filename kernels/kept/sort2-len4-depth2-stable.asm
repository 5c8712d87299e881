; sort2 of one comparator, which is stable
; inputs:  eax ecx
; outputs: eax ecx
; assume:  none
; keep:    stable
; expect:  proved
; source:  lowered by hand, four instructions a comparator
    mov    edx, eax
    cmp    eax, ecx
    cmovg  eax, ecx
    cmovg  ecx, edx
