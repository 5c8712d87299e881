    mov edi, [rdi]
    mov eax, [rdi+4]
