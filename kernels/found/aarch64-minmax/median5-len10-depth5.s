// median5, 10 instructions
// inputs:  v0 v1 v2 v3 v4
// outputs: v1
// assume:  none
// goal:    median
// expect:  proved
// source:  sortopt network --best 5 --goal median --lower --isa aarch64-minmax, then sortopt optimize, sortopt 0.1.0; minimal: sortopt search --goal median --outputs anywhere finds none of 9
    smin   v5.4s, v0.4s, v1.4s
    smax   v1.4s, v1.4s, v0.4s
    smin   v0.4s, v2.4s, v3.4s
    smax   v3.4s, v3.4s, v2.4s
    smax   v0.4s, v0.4s, v5.4s
    smin   v1.4s, v1.4s, v3.4s
    smin   v5.4s, v0.4s, v4.4s
    smax   v4.4s, v4.4s, v0.4s
    smax   v5.4s, v5.4s, v1.4s
    smin   v1.4s, v4.4s, v5.4s
