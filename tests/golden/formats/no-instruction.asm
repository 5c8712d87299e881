; inputs:  eax ecx
; outputs: eax ecx
