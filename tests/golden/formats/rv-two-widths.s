    lw a1, 0(a0)
    ld a2, 8(a0)
    min a3, a1, a2
    sw a3, 0(a0)
