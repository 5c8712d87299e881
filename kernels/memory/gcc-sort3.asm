; sort3 in a buffer, what gcc makes of the best network: 18 instructions
; inputs:  [rdi] [rdi+4] [rdi+8]
; outputs: [rdi] [rdi+4] [rdi+8]
; assume:  none
; expect:  proved
; source:  gcc 12.2.0 -O2 from the network 0:2 0:1 1:2 in ternaries ("ternary" of sortopt bench)
    mov    ecx, [rdi+8]
    mov    eax, [rdi]
    mov    edx, [rdi+4]
    cmp    eax, ecx
    mov    esi, ecx
    cmovle esi, eax
    cmovl  eax, ecx
    cmp    edx, esi
    mov    ecx, esi
    cmovge ecx, edx
    cmovg  edx, esi
    cmp    eax, ecx
    mov    [rdi], edx
    mov    edx, ecx
    cmovle edx, eax
    cmovl  eax, ecx
    mov    [rdi+4], edx
    mov    [rdi+8], eax
