// median3, 4 instructions
// inputs:  v0 v1 v2
// outputs: v1
// assume:  none
// goal:    median
// expect:  proved
// source:  sortopt network --best 3 --goal median --lower --isa aarch64-minmax, sortopt 0.1.0; minimal: sortopt search --goal median --outputs anywhere finds none of 3
    smin   v3.4s, v0.4s, v1.4s
    smax   v1.4s, v1.4s, v0.4s
    smin   v1.4s, v1.4s, v2.4s
    smax   v1.4s, v1.4s, v3.4s
