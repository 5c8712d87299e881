# sort4, 10 instructions
# inputs:  a0 a1 a2 a3
# outputs: a0 a1 a2 a3
# assume:  none
# expect:  proved
# source:  sortopt search --n 4 --isa riscv, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    min    a4, a1, a3
    max    a3, a1, a3
    max    a1, a0, a2
    min    a2, a0, a2
    min    a0, a2, a4
    max    a4, a2, a4
    min    a2, a1, a3
    max    a3, a1, a3
    min    a1, a2, a4
    max    a2, a2, a4
