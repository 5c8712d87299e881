; the swap without b = t
;   no sorting kernel, but sorting two keys of which b <= a is exactly to swap them
;   b stays where it was, and a is lost
; inputs:  eax ecx
; outputs: eax ecx
; assume:  b <= a
; expect:  refuted
; source:  the swap t = a, a = b, b = t
    mov    edx, eax
    mov    eax, ecx
