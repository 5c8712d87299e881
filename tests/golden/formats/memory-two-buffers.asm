    mov eax, [rdi]
    mov [rsi], eax
