// inputs:  w0 w1
// outputs: w0 w1
    csel w0, wzr, w1, lt
