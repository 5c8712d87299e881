    mov eax, [edi]
