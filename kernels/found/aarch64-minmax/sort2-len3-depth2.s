// sort2, 3 instructions
// inputs:  v0 v1
// outputs: v0 v1
// assume:  none
// expect:  proved
// source:  sortopt search --n 2 --isa aarch64-minmax, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    mov    v2.16b, v0.16b
    smin   v0.4s, v0.4s, v1.4s
    smax   v1.4s, v1.4s, v2.4s
