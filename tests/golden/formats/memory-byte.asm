    mov eax, byte ptr [rdi]
    mov [rdi], eax
