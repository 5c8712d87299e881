; inputs:  ymm0 ymm1
; outputs: ymm0 ymm1
    movdqa ymm0, ymm1
