    mov   esi, eax
    cmp   ecx, eax
