// sort4, 10 instructions
// inputs:  w0 w1 w2 w3
// outputs: w0 w1 w2 w3
// assume:  none
// expect:  proved
// source:  sortopt search --n 4 --isa aarch64-cssc, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    smin   w4, w1, w3
    smax   w3, w1, w3
    smax   w1, w0, w2
    smin   w2, w0, w2
    smin   w0, w2, w4
    smax   w4, w2, w4
    smin   w2, w1, w3
    smax   w3, w1, w3
    smin   w1, w2, w4
    smax   w2, w2, w4
