; without the second mov, with cmovge, given b <= c
;   where b ties with the lesser of a and c, b is now taken for the least key
; inputs:  eax ecx edx
; outputs: eax ecx edx
; assume:  b <= c
; expect:  proved
; source:  a chat model's claim, June 2023, about a program said to sort a, b, c
    mov    esi, edx
    cmp    eax, edx
    cmovg  edx, eax
    cmovl  esi, eax
    cmp    esi, ecx
    cmovge eax, ecx
    cmovg  ecx, esi
