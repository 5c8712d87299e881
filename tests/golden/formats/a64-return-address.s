// inputs:  w0 w30
// outputs: w0 w1
    mov w1, w30
