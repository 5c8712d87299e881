; inputs:  eax ecx
; outputs: eax ecx
    mov rax, ecx
