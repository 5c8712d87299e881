; the program as it was shown
;   the precondition was missing from the question: 1 3 2 comes out as it went in
; inputs:  eax ecx edx
; outputs: eax ecx edx
; assume:  none
; expect:  refuted
; source:  a chat model's claim, June 2023, about a program said to sort a, b, c
    mov    esi, edx
    cmp    eax, edx
    cmovg  edx, eax
    cmovl  esi, eax
    mov    eax, esi
    cmp    esi, ecx
    cmovg  eax, ecx
    cmovg  ecx, esi
