; without the second mov, its first cmovg behind the second cmp made cmovge
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
    cmovge eax, ecx
    cmovg  ecx, esi
