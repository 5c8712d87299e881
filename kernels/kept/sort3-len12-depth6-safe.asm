; sort3 that is safe: AlphaDev's with two conditions changed and a mov added
; inputs:  eax edx ecx
; outputs: eax ecx edx
; assume:  none
; keep:    safe
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
    mov    eax, ecx
    cmp    esi, ecx
    cmovle eax, esi
    cmovg  ecx, esi
