; inputs: [rdi] [rdi+4]
; outputs: [rdi] [rdi+4]
    mov eax, [rdi]
    mov [rdi+8], eax
