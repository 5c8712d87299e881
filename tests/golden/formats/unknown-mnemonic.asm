; inputs:  eax ecx
; outputs: eax ecx
    mov   esi, eax
    cmvol eax, ecx
