; the swap without a = b
;   no sorting kernel, but sorting two keys of which b <= a is exactly to swap them
;   a is kept where it was, and b is lost
; inputs:  eax ecx
; outputs: eax ecx
; assume:  b <= a
; expect:  refuted
; source:  the swap t = a, a = b, b = t
    mov    edx, eax
    mov    ecx, edx
