    mov eax, [rdi]
    mov ecx, [rdi+8]
    mov [rdi], eax
