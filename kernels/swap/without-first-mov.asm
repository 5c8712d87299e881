; the swap without t = a
;   no sorting kernel, but sorting two keys of which b <= a is exactly to swap them
;   b ends as what scratch held on entry
; inputs:  eax ecx
; outputs: eax ecx
; assume:  b <= a
; expect:  refuted
; source:  the swap t = a, a = b, b = t
    mov    eax, ecx
    mov    ecx, edx
