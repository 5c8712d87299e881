// sort2, 4 instructions
// inputs:  w0 w1
// outputs: w0 w1
// assume:  none
// expect:  proved
// source:  sortopt search --n 2 --isa aarch64, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    cmp    w0, w1
    csel   w2, w1, w0, gt
    csel   w1, w0, w1, gt
    mov    w0, w2
