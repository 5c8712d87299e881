# inputs:  a0 a1
# outputs: a0 a1
    ble a0, a1, 1f
