# inputs:  %eax %ecx
# outputs: %eax %ecx
    cmp $5, %eax
