; inputs:  xmm16 xmm1
; outputs: xmm16 xmm1
    pminsd xmm16, xmm1
