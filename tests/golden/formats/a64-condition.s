// inputs:  w0 w1
// outputs: w0 w1
    cmp w0, w1
    csel w0, w1, w0, mi
