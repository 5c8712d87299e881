; the program without its second mov, given b <= c
;   fails on ties: 2 1 1 gives 2 1 2
; inputs:  eax ecx edx
; outputs: eax ecx edx
; assume:  b <= c
; expect:  refuted
; source:  a chat model's claim, June 2023, about a program said to sort a, b, c
    mov    esi, edx
    cmp    eax, edx
    cmovg  edx, eax
    cmovl  esi, eax
    cmp    esi, ecx
    cmovg  eax, ecx
    cmovg  ecx, esi
