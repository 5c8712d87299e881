// sort5, 18 instructions
// inputs:  v0 v1 v2 v3 v4
// outputs: v0 v1 v2 v3 v4
// assume:  none
// expect:  proved
// source:  sortopt search --n 5 --isa aarch64-minmax, sortopt 0.1.0; proved by weak orders and z3; proved minimal
    smax   v5.4s, v0.4s, v2.4s
    smin   v2.4s, v2.4s, v0.4s
    smin   v0.4s, v3.4s, v4.4s
    smax   v4.4s, v4.4s, v3.4s
    smin   v3.4s, v2.4s, v1.4s
    smax   v1.4s, v1.4s, v2.4s
    smax   v2.4s, v0.4s, v5.4s
    smin   v5.4s, v5.4s, v0.4s
    smin   v0.4s, v3.4s, v5.4s
    smax   v3.4s, v5.4s, v3.4s
    smin   v5.4s, v1.4s, v4.4s
    smax   v4.4s, v4.4s, v1.4s
    smin   v1.4s, v3.4s, v5.4s
    smax   v3.4s, v5.4s, v3.4s
    smin   v5.4s, v2.4s, v4.4s
    smax   v4.4s, v4.4s, v2.4s
    smin   v2.4s, v3.4s, v5.4s
    smax   v3.4s, v5.4s, v3.4s
