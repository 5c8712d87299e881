; sort4, AlphaDev: not stable
; inputs:  ecx esi edi eax
; outputs: eax ecx edx esi
; assume:  none
; keep:    stable
; expect:  refuted
; source:  AlphaDev (Nature 618, 2023), its loads and stores left out
    cmp    ecx, edi
    mov    edx, edi
    cmovl  edx, ecx
    cmovl  ecx, edi
    cmp    esi, eax
    mov    edi, eax
    cmovl  edi, esi
    cmovl  esi, eax
    cmp    edx, edi
    mov    eax, edi
    cmovl  eax, edx
    cmovge edi, edx
    cmp    ecx, esi
    mov    edx, esi
    cmovl  edx, ecx
    cmovge esi, ecx
    cmp    edi, edx
    mov    ecx, edx
    cmovl  ecx, edi
    cmovge edx, edi
