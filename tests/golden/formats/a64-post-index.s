    ldr w1, [x0], #4
    ldr w2, [x0]
    str w1, [x0]
