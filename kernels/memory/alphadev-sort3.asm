; sort3 in a buffer, AlphaDev: 17 instructions, 11 without loads and stores
; inputs:  [rdi] [rdi+4] [rdi+8]
; outputs: [rdi] [rdi+4] [rdi+8]
; assume:  none
; expect:  proved
; source:  AlphaDev (Nature 618, 2023), its test file, Sort3AlphaDev
    mov    eax, [rdi+4]
    mov    ecx, [rdi+8]
    cmp    ecx, eax
    mov    edx, eax
    cmovl  edx, ecx
    mov    r8d, [rdi]
    cmovg  eax, ecx
    cmp    eax, r8d
    mov    ecx, r8d
    cmovl  ecx, eax
    cmovle eax, r8d
    mov    [rdi+8], eax
    cmp    edx, ecx
    cmovle r8d, edx
    mov    [rdi], r8d
    cmovg  ecx, edx
    mov    [rdi+4], ecx
