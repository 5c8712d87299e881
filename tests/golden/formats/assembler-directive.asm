; inputs:  eax ecx
; outputs: eax ecx
    .intel_syntax noprefix
    mov esi, eax
