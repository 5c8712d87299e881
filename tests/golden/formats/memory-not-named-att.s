# inputs:  %eax %ecx
# outputs: %eax %ecx
    movl 4(%rdi), %eax
