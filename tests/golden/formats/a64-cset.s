// inputs:  w0 w1
// outputs: w0 w1
    cmp w0, w1
    cset w0, lt
