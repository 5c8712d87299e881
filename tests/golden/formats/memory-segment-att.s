    movl %fs:40, %eax
