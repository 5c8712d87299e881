# inputs:  %eax %ecx
# outputs: %eax %ecx
    cmpw %ax, %cx
