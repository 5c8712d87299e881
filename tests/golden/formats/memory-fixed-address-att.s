    movl keys, %eax
