; inputs:  eax ecx
; outputs: eax ecx
    mov esp, eax
