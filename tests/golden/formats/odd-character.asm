; inputs:  eax ecx
; outputs: eax ecx
    mov¬ eax, ecx
