; inputs:  eax ecz
; outputs: eax ecx
    mov eax, ecx
