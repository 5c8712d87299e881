// inputs:  v0 v1
// outputs: v0 v1
    smin v2.4s, v0.4s, v1.4s
    smax v1.8h, v0.8h, v1.8h
    mov v0.16b, v2.16b
