; sort5, 32 instructions
; inputs:  eax ecx edx esi edi
; outputs: eax edi edx ecx esi
; assume:  none
; expect:  proved
; source:  sortopt search --n 5 --time-limit 20 --seed 0 --threads 2, sortopt 0.1.0; proved by weak orders and z3; not proved minimal, at least 10
    mov    r8d, edi
    cmp    edi, esi
    cmovg  edi, esi
    cmovg  esi, r8d
    mov    r8d, eax
    cmp    eax, ecx
    cmovle r8d, ecx
    cmovl  ecx, eax
    mov    eax, edx
    cmp    edx, ecx
    cmovge eax, ecx
    cmovg  ecx, edx
    cmp    ecx, r8d
    cmovg  ecx, r8d
    cmovg  r8d, edx
    mov    edx, esi
    cmp    esi, ecx
    cmovge edx, ecx
    cmovg  ecx, esi
    cmp    ecx, r8d
    cmovle esi, r8d
    cmovg  ecx, r8d
    cmp    ecx, edi
    cmovge r8d, edi
    cmovl  ecx, edi
    cmp    r8d, eax
    cmovl  r8d, eax
    cmovl  eax, edi
    mov    edi, r8d
    cmp    r8d, edx
    cmovge edi, edx
    cmovg  edx, r8d
