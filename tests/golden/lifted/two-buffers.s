order:
	movl	(%rdi), %eax
	movl	4(%rdi), %ecx
	movl	%eax, %edx
	cmpl	%ecx, %eax
	cmovg	%ecx, %eax
	cmovg	%edx, %ecx
	movl	%eax, (%rsi)
	movl	%ecx, 4(%rsi)
	ret
