// sort3, 6 instructions
// inputs:  w0 w1 w2
// outputs: w0 w1 w2
// assume:  none
// expect:  proved
// source:  sortopt search --n 3 --isa aarch64-cssc, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    smin   w3, w1, w2
    smax   w1, w1, w2
    smax   w2, w0, w1
    smin   w1, w0, w1
    smax   w1, w1, w3
    smin   w0, w0, w3
