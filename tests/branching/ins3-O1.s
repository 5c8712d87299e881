	.intel_syntax noprefix
	.text
	.globl	ins3
	.type	ins3, @function
ins3:
	mov	edx, DWORD PTR 4[rdi]
	mov	eax, DWORD PTR [rdi]
	cmp	edx, eax
	jge	.L6
	mov	DWORD PTR 4[rdi], eax
	mov	eax, -1
.L2:
	add	eax, 1
	cdqe
	mov	DWORD PTR [rdi+rax*4], edx
	mov	esi, DWORD PTR 8[rdi]
	lea	rax, 4[rdi]
	mov	edx, 1
.L3:
	mov	ecx, DWORD PTR [rax]
	cmp	ecx, esi
	jle	.L4
	mov	DWORD PTR 4[rax], ecx
	sub	edx, 1
	sub	rax, 4
	cmp	edx, -1
	jne	.L3
.L4:
	movsx	rdx, edx
	mov	DWORD PTR 4[rdi+rdx*4], esi
	ret
.L6:
	mov	eax, 0
	jmp	.L2
