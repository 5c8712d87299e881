# sort2, 3 instructions
# inputs:  a0 a1
# outputs: a0 a1
# assume:  none
# expect:  proved
# source:  sortopt search --n 2 --isa riscv, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    mv     a2, a0
    min    a0, a0, a1
    max    a1, a1, a2
