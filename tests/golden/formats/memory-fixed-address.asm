    mov eax, [4096]
