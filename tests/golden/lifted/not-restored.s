	.globl	order
	.type	order, @function
order:
	endbr64
	movq	%rdi, %rsi
	movl	(%rdi), %edi
	movl	4(%rsi), %ebx
	movl	%ebx, -12(%rsp)
	cmpl	%ebx, %edi
	cmovg	%edi, %ebx
	cmovg	-12(%rsp), %edi
	movd	%edi, %xmm0
	movd	%ebx, %xmm1
	punpckldq	%xmm1, %xmm0
	movq	%xmm0, (%rsi)
	ret
	.size	order, .-order
