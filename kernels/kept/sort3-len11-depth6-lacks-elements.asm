; sort3, AlphaDev, loses an element where keys tie
; inputs:  eax edx ecx
; outputs: eax ecx edx
; assume:  none
; keep:    elements
; expect:  refuted
; source:  AlphaDev (Nature 618, 2023), Sort3AlphaDev, its loads and stores left out
    cmp    ecx, edx
    mov    esi, edx
    cmovl  esi, ecx
    cmovg  edx, ecx
    cmp    edx, eax
    mov    ecx, eax
    cmovl  ecx, edx
    cmovle edx, eax
    cmp    esi, ecx
    cmovle eax, esi
    cmovg  ecx, esi
