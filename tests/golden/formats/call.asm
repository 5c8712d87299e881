; inputs:  eax ecx
; outputs: eax ecx
    call swap
