// sort3, 9 instructions
// inputs:  w0 w1 w2
// outputs: w0 w1 w2
// assume:  none
// expect:  proved
// source:  sortopt search --n 3 --isa aarch64, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    cmp    w1, w2
    csel   w3, w1, w2, lt
    csel   w1, w2, w1, lt
    cmp    w0, w1
    csel   w2, w0, w1, gt
    csel   w1, w1, w0, gt
    cmp    w0, w3
    csel   w1, w3, w1, lt
    csel   w0, w0, w3, lt
