    mov eax, [rdi+four]
