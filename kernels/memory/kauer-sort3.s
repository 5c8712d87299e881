# sort3 in a buffer, Kauer: 15 instructions, with memory operands
# inputs:  (%rdi) 4(%rdi) 8(%rdi)
# outputs: (%rdi) 4(%rdi) 8(%rdi)
# assume:  none
# expect:  proved
# source:  B. Kauer, in C. Neri's sort3 repository (supplement to arXiv 2307.14503)
    mov    8(%rdi), %eax
    cmp    %eax, 4(%rdi)
    mov    %eax, %edx
    cmovl  4(%rdi), %edx
    cmovg  4(%rdi), %eax
    cmp    (%rdi), %eax
    mov    %eax, %ecx
    cmovl  (%rdi), %eax
    cmovg  (%rdi), %ecx
    cmp    %ecx, %edx
    cmovg  %edx, %ecx
    cmovg  (%rdi), %edx
    mov    %eax, 8(%rdi)
    mov    %edx, (%rdi)
    mov    %ecx, 4(%rdi)
