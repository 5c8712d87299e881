; sort4, 20 instructions
; inputs:  eax ecx edx esi
; outputs: eax ecx edx esi
; assume:  none
; expect:  proved
; source:  sortopt search --n 4, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    mov    edi, eax
    cmp    eax, ecx
    cmovg  eax, ecx
    cmovg  ecx, edi
    mov    edi, edx
    cmp    edx, esi
    cmovge edi, esi
    cmovg  esi, edx
    mov    edx, ecx
    cmp    ecx, esi
    cmovge edx, esi
    cmovg  esi, ecx
    mov    ecx, eax
    cmp    eax, edi
    cmovg  eax, edi
    cmovg  edi, ecx
    mov    ecx, edi
    cmp    edi, edx
    cmovge ecx, edx
    cmovg  edx, edi
