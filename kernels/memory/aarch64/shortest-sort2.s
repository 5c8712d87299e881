// sort2 in a buffer, 5 instructions, shortest with ldp and stp and three registers
// inputs:  [x0] [x0, #4]
// outputs: [x0] [x0, #4]
// assume:  none
// expect:  proved
// source:  sortopt search --n 2 --in-memory --isa aarch64 --pairs, sortopt 0.1.0; proved by weak orders and z3
    ldp    w1, w2, [x0]
    cmp    w1, w2
    csel   w3, w1, w2, lt
    csel   w2, w2, w1, lt
    stp    w3, w2, [x0]
