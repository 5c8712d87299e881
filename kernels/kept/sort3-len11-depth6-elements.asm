; sort3 that keeps every element: AlphaDev's with two conditions changed
; inputs:  eax edx ecx
; outputs: eax ecx edx
; assume:  none
; keep:    elements
; expect:  proved
; source:  sortopt repair, from alphadev/sort3.asm
    cmp    ecx, edx
    mov    esi, edx
    cmovle esi, ecx
    cmovg  edx, ecx
    cmp    edx, eax
    mov    ecx, eax
    cmovle ecx, edx
    cmovle edx, eax
    cmp    esi, ecx
    cmovle eax, esi
    cmovg  ecx, esi
