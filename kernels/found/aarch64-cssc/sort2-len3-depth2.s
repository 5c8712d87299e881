// sort2, 3 instructions
// inputs:  w0 w1
// outputs: w0 w1
// assume:  none
// expect:  proved
// source:  sortopt search --n 2 --isa aarch64-cssc, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    mov    w2, w0
    smin   w0, w0, w1
    smax   w1, w1, w2
