    mov eax, [rsp+8]
