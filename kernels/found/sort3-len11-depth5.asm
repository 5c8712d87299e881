; sort3, 11 instructions
; inputs:  eax ecx edx
; outputs: eax ecx edx
; assume:  none
; expect:  proved
; source:  sortopt search --n 3, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    cmp    ecx, edx
    cmovl  esi, ecx
    cmovge esi, edx
    cmovl  ecx, edx
    mov    edx, eax
    cmp    ecx, edx
    cmovg  edx, ecx
    cmovg  ecx, eax
    cmp    eax, esi
    cmovl  ecx, esi
    cmovg  eax, esi
