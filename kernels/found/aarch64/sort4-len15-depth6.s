// sort4, 15 instructions
// inputs:  w0 w1 w2 w3
// outputs: w0 w1 w2 w3
// assume:  none
// expect:  proved
// source:  sortopt search --n 4 --isa aarch64, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    cmp    w0, w3
    csel   w4, w3, w0, gt
    csel   w3, w0, w3, gt
    cmp    w1, w2
    csel   w0, w1, w2, lt
    csel   w1, w2, w1, lt
    cmp    w0, w4
    csel   w2, w4, w0, lt
    csel   w0, w0, w4, lt
    cmp    w1, w3
    csel   w4, w3, w1, gt
    csel   w3, w1, w3, gt
    cmp    w2, w4
    csel   w1, w2, w4, lt
    csel   w2, w4, w2, lt
