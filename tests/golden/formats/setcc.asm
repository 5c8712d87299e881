; inputs:  eax ecx
; outputs: eax ecx
    cmp eax, ecx
    setl al
