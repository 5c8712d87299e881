; inputs:  eax ecx
; outputs: eax ecx
    mov rsi, rax
