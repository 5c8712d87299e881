    movl keys(%rip), %eax
