    lwu a1, 0(a0)
    lwu a2, 4(a0)
    minu a3, a1, a2
    sw a3, 0(a0)
