; sort4 in a buffer, found: 26 instructions, with memory operands
; inputs:  [rdi] [rdi+4] [rdi+8] [rdi+12]
; outputs: [rdi] [rdi+4] [rdi+8] [rdi+12]
; assume:  none
; expect:  proved
; source:  sortopt search --n 4 --in-memory, sortopt 0.1.0; proved by weak orders and z3
    mov    eax, [rdi]
    mov    ecx, [rdi+4]
    mov    esi, [rdi+12]
    cmp    eax, ecx
    cmovg  eax, ecx
    cmovg  ecx, [rdi]
    mov    r8d, [rdi+8]
    cmp    [rdi+8], esi
    cmovge r8d, esi
    cmovg  esi, [rdi+8]
    mov    edx, ecx
    cmp    ecx, esi
    cmovge edx, esi
    cmovg  esi, ecx
    mov    ecx, eax
    cmp    eax, r8d
    cmovg  eax, r8d
    cmovg  r8d, ecx
    mov    ecx, r8d
    cmp    r8d, edx
    cmovge ecx, edx
    cmovg  edx, r8d
    mov    [rdi], eax
    mov    [rdi+4], ecx
    mov    [rdi+8], edx
    mov    [rdi+12], esi
