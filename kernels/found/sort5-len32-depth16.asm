; sort5, 32 instructions
; inputs:  eax ecx edx esi edi
; outputs: eax ecx edx esi edi
; assume:  none
; expect:  proved
; source:  sortopt search --n 5 --time-limit 5 --seed 0 --threads 2, sortopt 0.1.0; proved by weak orders and z3; not proved minimal, at least 10
    mov    r8d, ecx
    cmp    ecx, edi
    cmovg  ecx, edi
    cmovg  edi, r8d
    mov    r8d, eax
    cmp    eax, esi
    cmovle r8d, esi
    cmovl  esi, eax
    mov    eax, edx
    cmp    edx, esi
    cmovge eax, esi
    cmovg  esi, edx
    cmp    esi, r8d
    cmovg  esi, r8d
    cmovg  r8d, edx
    mov    edx, edi
    cmp    edi, esi
    cmovge edx, esi
    cmovg  esi, edi
    cmp    esi, r8d
    cmovle edi, r8d
    cmovg  esi, r8d
    cmp    esi, ecx
    cmovge r8d, ecx
    cmovl  esi, ecx
    cmp    r8d, eax
    cmovl  r8d, eax
    cmovl  eax, ecx
    mov    ecx, r8d
    cmp    r8d, edx
    cmovge ecx, edx
    cmovg  edx, r8d
