    mov eax, [rdi-4]
    mov ecx, [rdi]
    mov [rdi], eax
