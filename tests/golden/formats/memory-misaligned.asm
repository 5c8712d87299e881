    mov eax, [rdi+2]
    mov ecx, [rdi+6]
