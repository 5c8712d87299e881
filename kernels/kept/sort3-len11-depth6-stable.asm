; sort3 that is stable, 11 instructions
; inputs:  eax ecx edx
; outputs: eax ecx edx
; assume:  none
; keep:    stable
; expect:  proved
; source:  sortopt optimize, from three adjacent comparators
    mov    esi, eax
    cmp    ecx, eax
    cmovl  eax, ecx
    cmovl  ecx, esi
    mov    esi, edx
    cmp    ecx, edx
    cmovg  edx, ecx
    cmovg  ecx, esi
    cmp    eax, ecx
    cmovg  ecx, eax
    cmovg  eax, esi
