// inputs:  v0 v1
// outputs: v0 v1
    smin v0.2d, v0.2d, v1.2d
