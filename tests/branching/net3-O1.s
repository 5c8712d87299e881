	.intel_syntax noprefix
	.text
	.globl	net3
	.type	net3, @function
net3:
	mov	eax, DWORD PTR [rdi]
	mov	edx, DWORD PTR 4[rdi]
	cmp	eax, edx
	jle	.L2
	mov	DWORD PTR [rdi], edx
	mov	DWORD PTR 4[rdi], eax
.L2:
	mov	edx, DWORD PTR 4[rdi]
	mov	eax, DWORD PTR 8[rdi]
	cmp	edx, eax
	jg	.L4
.L1:
	ret
.L4:
	mov	DWORD PTR 4[rdi], eax
	mov	DWORD PTR 8[rdi], edx
	mov	edx, DWORD PTR [rdi]
	cmp	edx, eax
	jle	.L1
	mov	DWORD PTR [rdi], eax
	mov	DWORD PTR 4[rdi], edx
	ret
