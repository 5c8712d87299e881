# inputs:  %eax %ecx
# outputs: %eax %ecx
    movl %esi, %eax
    mov ecx, esi
