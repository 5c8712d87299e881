; sort5 from a network of 9 comparators in 5 layers
;   layers [1:4 2:5] [1:3 2:4] [1:2 3:5] [2:3 4:5] [3:4]
; inputs:  eax ecx edx esi edi
; outputs: eax ecx edx esi edi
; assume:  none
; expect:  proved
; source:  lowered by hand, four instructions a comparator, from the best network (Dobbelaere's list)
    mov    r8d, eax
    cmp    eax, esi
    cmovg  eax, esi
    cmovg  esi, r8d
    mov    r8d, ecx
    cmp    ecx, edi
    cmovg  ecx, edi
    cmovg  edi, r8d
    mov    r8d, eax
    cmp    eax, edx
    cmovg  eax, edx
    cmovg  edx, r8d
    mov    r8d, ecx
    cmp    ecx, esi
    cmovg  ecx, esi
    cmovg  esi, r8d
    mov    r8d, eax
    cmp    eax, ecx
    cmovg  eax, ecx
    cmovg  ecx, r8d
    mov    r8d, edx
    cmp    edx, edi
    cmovg  edx, edi
    cmovg  edi, r8d
    mov    r8d, ecx
    cmp    ecx, edx
    cmovg  ecx, edx
    cmovg  edx, r8d
    mov    r8d, esi
    cmp    esi, edi
    cmovg  esi, edi
    cmovg  edi, r8d
    mov    r8d, edx
    cmp    edx, esi
    cmovg  edx, esi
    cmovg  esi, r8d
