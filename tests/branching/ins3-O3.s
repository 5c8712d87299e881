	.intel_syntax noprefix
	.text
	.globl	ins3
	.type	ins3, @function
ins3:
	mov	eax, DWORD PTR 4[rdi]
	mov	edx, DWORD PTR [rdi]
	cmp	eax, edx
	jge	.L9
	mov	DWORD PTR 4[rdi], edx
	mov	rdx, rdi
.L3:
	mov	DWORD PTR [rdx], eax
	mov	eax, DWORD PTR 8[rdi]
	mov	edx, DWORD PTR 4[rdi]
	cmp	eax, edx
	jge	.L6
	mov	DWORD PTR 8[rdi], edx
	mov	edx, DWORD PTR [rdi]
	cmp	eax, edx
	jge	.L7
	mov	DWORD PTR 4[rdi], edx
	mov	DWORD PTR [rdi], eax
	ret
.L9:
	lea	rdx, 4[rdi]
	jmp	.L3
.L6:
	mov	edx, 1
.L4:
	add	edx, 1
	movsx	rdx, edx
	lea	rdi, [rdi+rdx*4]
	mov	DWORD PTR [rdi], eax
	ret
.L7:
	xor	edx, edx
	jmp	.L4
