; sort2
; asume: a < b
; inputs:  eax ecx
; outputs: eax ecx
    mov esi, eax
