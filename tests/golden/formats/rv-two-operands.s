# inputs:  a0 a1
# outputs: a0 a1
    min a0, a1
