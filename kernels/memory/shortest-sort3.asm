; sort3 in a buffer, shortest with three registers: 15 instructions
; inputs:  [rdi] [rdi+4] [rdi+8]
; outputs: [rdi] [rdi+4] [rdi+8]
; assume:  none
; expect:  proved
; source:  sortopt search --n 3 --in-memory, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    mov    eax, [rdi]
    cmp    [rdi+8], eax
    mov    ecx, [rdi]
    cmovl  eax, [rdi+8]
    cmovg  ecx, [rdi+8]
    cmp    [rdi+4], eax
    mov    edx, eax
    cmovl  eax, [rdi+4]
    cmovg  edx, [rdi+4]
    cmp    [rdi+4], ecx
    cmovg  edx, ecx
    cmovg  ecx, [rdi+4]
    mov    [rdi+4], edx
    mov    [rdi], eax
    mov    [rdi+8], ecx
