; the program without its second mov, given b < c
; inputs:  eax ecx edx
; outputs: eax ecx edx
; assume:  b < c
; expect:  proved
; source:  a chat model's claim, June 2023, about a program said to sort a, b, c
    mov    esi, edx
    cmp    eax, edx
    cmovg  edx, eax
    cmovl  esi, eax
    cmp    esi, ecx
    cmovg  eax, ecx
    cmovg  ecx, esi
