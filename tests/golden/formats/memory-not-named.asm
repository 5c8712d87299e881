; inputs:  eax ecx
; outputs: eax ecx
    mov eax, dword ptr [rdi + 4]
