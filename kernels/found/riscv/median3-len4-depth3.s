# median3, 4 instructions
# inputs:  a0 a1 a2
# outputs: a1
# assume:  none
# goal:    median
# expect:  proved
# source:  sortopt network --best 3 --goal median --lower --isa riscv, sortopt 0.1.0; minimal: sortopt search --goal median --outputs anywhere finds none of 3
    min    a3, a0, a1
    max    a1, a1, a0
    min    a1, a1, a2
    max    a1, a1, a3
