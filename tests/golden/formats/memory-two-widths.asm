; inputs:  rax
; outputs: rax
    mov rax, [rdi]
    mov [rdi], eax
