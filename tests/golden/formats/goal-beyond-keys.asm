; inputs:  eax ecx
; outputs: eax ecx
; goal: kth:3
    mov esi, eax
