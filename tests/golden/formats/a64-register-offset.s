    ldr w1, [x0, x2]
    str w1, [x0]
