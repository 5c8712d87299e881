# inputs:  %eax %ecx
# outputs: %eax %ecx
    mov %eax, %esi ; keep a
