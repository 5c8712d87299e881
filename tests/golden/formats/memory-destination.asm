; inputs: [rdi] [rdi+4]
; outputs: [rdi] [rdi+4]
    mov eax, [rdi]
    cmovl [rdi+4], eax
