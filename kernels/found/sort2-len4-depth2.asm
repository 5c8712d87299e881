; sort2, 4 instructions
; inputs:  eax ecx
; outputs: eax ecx
; assume:  none
; expect:  proved
; source:  sortopt search --n 2, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    mov    edx, ecx
    cmp    eax, ecx
    cmovg  ecx, eax
    cmovg  eax, edx
