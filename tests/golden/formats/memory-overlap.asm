    mov eax, [rdi]
    mov ecx, [rdi+2]
    cmp eax, ecx
