    mov eax, [rdi+rcx*4]
