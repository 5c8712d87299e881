	.intel_syntax noprefix
	.text
	.globl	ins3
	.type	ins3, @function
ins3:
	mov	edx, DWORD PTR 4[rdi]
	mov	eax, DWORD PTR [rdi]
	cmp	eax, edx
	jle	.L11
	mov	DWORD PTR 4[rdi], eax
	mov	rax, rdi
.L3:
	mov	DWORD PTR [rax], edx
	mov	eax, 1
	mov	ecx, DWORD PTR 8[rdi]
	jmp	.L4
.L6:
	mov	DWORD PTR 4[rdi+rax*4], edx
	sub	rax, 1
	jb	.L5
.L4:
	mov	edx, DWORD PTR [rdi+rax*4]
	cmp	edx, ecx
	jg	.L6
	add	eax, 1
	cdqe
	lea	rdi, [rdi+rax*4]
.L5:
	mov	DWORD PTR [rdi], ecx
	ret
.L11:
	lea	rax, 4[rdi]
	jmp	.L3
