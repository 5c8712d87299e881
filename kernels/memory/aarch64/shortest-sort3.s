// sort3 in a buffer, 13 instructions, shortest with ldp and stp and four registers
// inputs:  [x0] [x0, #4] [x0, #8]
// outputs: [x0] [x0, #4] [x0, #8]
// assume:  none
// expect:  proved
// source:  sortopt search --n 3 --in-memory --isa aarch64 --pairs --registers 4, sortopt 0.1.0; proved by weak orders and z3
    ldp    w1, w2, [x0, #4]
    cmp    w1, w2
    ldr    w3, [x0]
    csel   w4, w1, w2, lt
    csel   w1, w2, w1, lt
    cmp    w1, w3
    csel   w2, w3, w1, lt
    stp    w1, w2, [x0, #4]
    csel   w2, w1, w3, lt
    cmp    w3, w4
    csel   w1, w2, w4, lt
    csel   w2, w4, w2, lt
    stp    w1, w2, [x0]
