# sort3, 6 instructions
# inputs:  a0 a1 a2
# outputs: a0 a1 a2
# assume:  none
# expect:  proved
# source:  sortopt search --n 3 --isa riscv, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    min    a3, a1, a2
    max    a1, a1, a2
    max    a2, a0, a1
    min    a1, a0, a1
    max    a1, a1, a3
    min    a0, a0, a3
