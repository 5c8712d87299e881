; inputs: eax ecx
    mov   esi, eax
