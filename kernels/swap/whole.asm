; the swap of two registers
;   no sorting kernel, but sorting two keys of which b <= a is exactly to swap them
; inputs:  eax ecx
; outputs: eax ecx
; assume:  b <= a
; expect:  proved
; source:  the swap t = a, a = b, b = t
    mov    edx, eax
    mov    eax, ecx
    mov    ecx, edx
