// sort5, 18 instructions
// inputs:  w0 w1 w2 w3 w4
// outputs: w0 w1 w2 w3 w4
// assume:  none
// expect:  proved
// source:  sortopt search --n 5 --isa aarch64-cssc, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    smax   w5, w0, w2
    smin   w2, w2, w0
    smin   w0, w3, w4
    smax   w4, w4, w3
    smin   w3, w2, w1
    smax   w1, w1, w2
    smax   w2, w0, w5
    smin   w5, w5, w0
    smin   w0, w3, w5
    smax   w3, w5, w3
    smin   w5, w1, w4
    smax   w4, w4, w1
    smin   w1, w3, w5
    smax   w3, w5, w3
    smin   w5, w2, w4
    smax   w4, w4, w2
    smin   w2, w3, w5
    smax   w3, w5, w3
