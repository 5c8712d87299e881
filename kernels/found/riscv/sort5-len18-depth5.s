# sort5, 18 instructions
# inputs:  a0 a1 a2 a3 a4
# outputs: a0 a1 a2 a3 a4
# assume:  none
# expect:  proved
# source:  sortopt search --n 5 --isa riscv, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    max    a5, a0, a2
    min    a2, a2, a0
    min    a0, a3, a4
    max    a4, a4, a3
    min    a3, a2, a1
    max    a1, a1, a2
    max    a2, a0, a5
    min    a5, a5, a0
    min    a0, a3, a5
    max    a3, a5, a3
    min    a5, a1, a4
    max    a4, a4, a1
    min    a1, a3, a5
    max    a3, a5, a3
    min    a5, a2, a4
    max    a4, a4, a2
    min    a2, a3, a5
    max    a3, a5, a3
