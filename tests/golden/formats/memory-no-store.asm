    mov eax, [rdi]
    mov ecx, [rdi+4]
    cmp eax, ecx
    cmovg eax, ecx
