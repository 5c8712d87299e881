; the program without its second mov, as the answer claims it may be
;   3 2 1 separates it from the program as shown: 3 2 3 against 1 2 3
; inputs:  eax ecx edx
; outputs: eax ecx edx
; assume:  none
; expect:  refuted
; source:  a chat model's claim, June 2023, about a program said to sort a, b, c
    mov    esi, edx
    cmp    eax, edx
    cmovg  edx, eax
    cmovl  esi, eax
    cmp    esi, ecx
    cmovg  eax, ecx
    cmovg  ecx, esi
