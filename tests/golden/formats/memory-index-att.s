    movl (%rdi,%rcx,4), %eax
