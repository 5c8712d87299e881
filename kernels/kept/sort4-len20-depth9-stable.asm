; sort4, 20 instructions, stable: none shorter is
; inputs:  eax ecx edx esi
; outputs: eax esi ecx edx
; assume:  none
; keep:    stable
; expect:  proved
; source:  sortopt search --n 4 --keep stable
    cmp    eax, ecx
    cmovge edi, eax
    cmovg  eax, ecx
    cmovle edi, ecx
    cmp    edx, esi
    cmovle ecx, esi
    cmovle esi, edx
    cmovle edx, ecx
    cmp    edx, edi
    cmovl  ecx, edx
    cmovl  edx, edi
    cmovge ecx, edi
    cmp    eax, esi
    cmovg  edi, eax
    cmovg  eax, esi
    cmovg  esi, ecx
    cmovg  ecx, edi
    cmp    esi, edi
    cmovge ecx, esi
    cmovge esi, edi
