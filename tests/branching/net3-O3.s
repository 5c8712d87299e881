	.intel_syntax noprefix
	.text
	.globl	net3
	.type	net3, @function
net3:
	movq	xmm0, QWORD PTR [rdi]
	pshufd	xmm1, xmm0, 0xe5
	movd	edx, xmm0
	movd	eax, xmm1
	cmp	edx, eax
	jle	.L2
	pshufd	xmm0, xmm0, 225
	mov	eax, edx
	movq	QWORD PTR [rdi], xmm0
.L2:
	mov	edx, DWORD PTR 8[rdi]
	cmp	eax, edx
	jle	.L1
	movd	xmm0, edx
	movd	xmm2, eax
	movd	xmm3, DWORD PTR [rdi]
	punpckldq	xmm0, xmm2
	movq	QWORD PTR 4[rdi], xmm0
	movd	xmm0, edx
	punpckldq	xmm0, xmm3
	cmp	DWORD PTR [rdi], edx
	jle	.L1
	movq	QWORD PTR [rdi], xmm0
	ret
.L1:
	ret
