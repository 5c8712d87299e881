    mov eax, [rdi]
    cmp eax, edi
    mov [rdi], eax
