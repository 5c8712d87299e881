// inputs:  w0 w1
// outputs: w0 w1
    cmp w0, w1
    smin w0, w0, w1
