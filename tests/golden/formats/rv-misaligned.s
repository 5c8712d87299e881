    lw a1, 0(a0)
    lw a2, 2(a0)
    sw a2, 0(a0)
