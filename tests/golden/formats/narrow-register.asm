; inputs:  eax ecx
; outputs: eax ecx
    mov al, cl
