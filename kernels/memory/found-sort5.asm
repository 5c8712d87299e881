; sort5 in a buffer, found: 39 instructions, with memory operands
; inputs:  [rdi] [rdi+4] [rdi+8] [rdi+12] [rdi+16]
; outputs: [rdi] [rdi+4] [rdi+8] [rdi+12] [rdi+16]
; assume:  none
; expect:  proved
; source:  sortopt search --n 5 --in-memory, sortopt 0.1.0; proved by weak orders and z3
    mov    ecx, [rdi+4]
    mov    esi, [rdi+12]
    mov    r8d, [rdi+16]
    cmp    ecx, r8d
    cmovg  ecx, r8d
    cmovg  r8d, [rdi+4]
    mov    r9d, [rdi]
    cmp    [rdi], esi
    cmovle r9d, esi
    cmovl  esi, [rdi]
    mov    eax, [rdi+8]
    cmp    [rdi+8], esi
    cmovge eax, esi
    cmovg  esi, [rdi+8]
    cmp    esi, r9d
    cmovg  esi, r9d
    cmovg  r9d, [rdi+8]
    mov    edx, r8d
    cmp    r8d, esi
    cmovge edx, esi
    cmovg  esi, r8d
    cmp    esi, r9d
    cmovle r8d, r9d
    cmovg  esi, r9d
    cmp    esi, ecx
    cmovge r9d, ecx
    cmovl  esi, ecx
    cmp    r9d, eax
    cmovl  r9d, eax
    cmovl  eax, ecx
    mov    ecx, r9d
    cmp    r9d, edx
    cmovge ecx, edx
    cmovg  edx, r9d
    mov    [rdi], eax
    mov    [rdi+4], ecx
    mov    [rdi+8], edx
    mov    [rdi+12], esi
    mov    [rdi+16], r8d
