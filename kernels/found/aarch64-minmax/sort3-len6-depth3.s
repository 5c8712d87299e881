// sort3, 6 instructions
// inputs:  v0 v1 v2
// outputs: v0 v1 v2
// assume:  none
// expect:  proved
// source:  sortopt search --n 3 --isa aarch64-minmax, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    smin   v3.4s, v1.4s, v2.4s
    smax   v1.4s, v1.4s, v2.4s
    smax   v2.4s, v0.4s, v1.4s
    smin   v1.4s, v0.4s, v1.4s
    smax   v1.4s, v1.4s, v3.4s
    smin   v0.4s, v0.4s, v3.4s
