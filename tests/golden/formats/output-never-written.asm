; inputs:  eax ecx
; outputs: eax esi
    mov eax, ecx
