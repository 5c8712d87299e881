; inputs: [rdi] [rdi+4]
; outputs: [rdi] [rdi+4]
    mov [rdi], [rdi+4]
    mov eax, ecx
