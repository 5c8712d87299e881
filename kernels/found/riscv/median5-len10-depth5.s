# median5, 10 instructions
# inputs:  a0 a1 a2 a3 a4
# outputs: a1
# assume:  none
# goal:    median
# expect:  proved
# source:  sortopt network --best 5 --goal median --lower --isa riscv, then sortopt optimize, sortopt 0.1.0; minimal: sortopt search --goal median --outputs anywhere finds none of 9
    min    a5, a0, a1
    max    a1, a1, a0
    min    a0, a2, a3
    max    a3, a3, a2
    max    a0, a0, a5
    min    a1, a1, a3
    min    a5, a0, a4
    max    a4, a4, a0
    max    a5, a5, a1
    min    a1, a4, a5
