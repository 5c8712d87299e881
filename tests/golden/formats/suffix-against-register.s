# inputs:  %eax %ecx
# outputs: %eax %ecx
    movq %eax, %esi
