; inputs:  rax rcx
; outputs: rax rcx
    cmp rax, rcx
    mov esi, eax
