// sort5, 26 instructions
// inputs:  w0 w1 w2 w3 w4
// outputs: w0 w1 w2 w3 w4
// assume:  none
// expect:  proved
// source:  sortopt search --n 5 --isa aarch64, sortopt 0.1.0; proved by weak orders and z3
    cmp    w0, w2
    csel   w5, w0, w2, lt
    csel   w2, w0, w2, gt
    cmp    w4, w1
    csel   w0, w4, w1, gt
    csel   w1, w4, w1, le
    cmp    w3, w2
    csel   w4, w3, w2, gt
    csel   w2, w3, w2, le
    cmp    w3, w5
    csel   w2, w5, w2, lt
    csel   w3, w5, w3, gt
    cmp    w4, w0
    csel   w5, w4, w0, lt
    csel   w4, w0, w4, lt
    cmp    w3, w1
    csel   w0, w3, w1, le
    csel   w1, w5, w1, ge
    csel   w5, w2, w5, ge
    csel   w3, w2, w3, lt
    cmp    w3, w1
    csel   w2, w3, w1, gt
    csel   w1, w3, w1, lt
    cmp    w2, w5
    csel   w3, w2, w5, ge
    csel   w2, w5, w2, gt
