/* Asm statements as people write them to sort a few keys: see scripts/native_mutants.py. */

// right {} two keys in a buffer, swapped by a jump
void swap2_jump(int *p) {
    __asm__ volatile(
        "mov (%0), %%eax\n\t"
        "mov 4(%0), %%ecx\n\t"
        "cmp %%eax, %%ecx\n\t"
        "jge 1f\n\t"
        "mov %%ecx, (%0)\n\t"
        "mov %%eax, 4(%0)\n"
        "1:"
        :
        : "r"(p)
        : "eax", "ecx", "memory", "cc");
}

// right {} three keys in registers, swapped by jumps
void sort3_exchange(int *p) {
    int a = p[0], b = p[1], c = p[2];
    __asm__(
        "cmp %0, %1\n\t"
        "jge 1f\n\t"
        "xchg %0, %1\n"
        "1:\n\t"
        "cmp %1, %2\n\t"
        "jge 2f\n\t"
        "xchg %1, %2\n\t"
        "cmp %0, %1\n\t"
        "jge 2f\n\t"
        "xchg %0, %1\n"
        "2:"
        : "+&r"(a), "+&r"(b), "+&r"(c)
        :
        : "cc");
    p[0] = a; p[1] = b; p[2] = c;
}

// right {} three keys in registers, by conditional moves
void sort3_moves(int *p) {
    int a = p[0], b = p[1], c = p[2], t;
    __asm__(
        "mov %1, %3\n\t"
        "cmp %1, %2\n\t"
        "cmovl %2, %1\n\t"
        "cmovl %3, %2\n\t"
        "mov %0, %3\n\t"
        "cmp %0, %2\n\t"
        "cmovl %2, %0\n\t"
        "cmovl %3, %2\n\t"
        "mov %0, %3\n\t"
        "cmp %0, %1\n\t"
        "cmovl %1, %0\n\t"
        "cmovl %3, %1\n"
        : "+&r"(a), "+&r"(b), "+&r"(c), "=&r"(t)
        :
        : "cc");
    p[0] = a; p[1] = b; p[2] = c;
}

// right {} two unsigned keys of 64 bits in a buffer, by a mask
void sort2_unsigned_mask(unsigned long *p) {
    __asm__ volatile(
        "mov (%0), %%rax\n\t"
        "mov 8(%0), %%rcx\n\t"
        "cmp %%rax, %%rcx\n\t"
        "sbb %%rdx, %%rdx\n\t"
        "mov %%rax, %%rsi\n\t"
        "xor %%rcx, %%rsi\n\t"
        "and %%rdx, %%rsi\n\t"
        "xor %%rsi, %%rax\n\t"
        "xor %%rsi, %%rcx\n\t"
        "mov %%rax, (%0)\n\t"
        "mov %%rcx, 8(%0)\n"
        :
        : "r"(p)
        : "rax", "rcx", "rdx", "rsi", "memory", "cc");
}

// right {} two keys in a buffer, by an index
void sort2_index(int *p) {
    __asm__ volatile(
        "mov (%0), %%eax\n\t"
        "mov 4(%0), %%ecx\n\t"
        "xor %%edx, %%edx\n\t"
        "cmp %%eax, %%ecx\n\t"
        "setl %%dl\n\t"
        "mov %%eax, (%0,%%rdx,4)\n\t"
        "xor $1, %%edx\n\t"
        "mov %%ecx, (%0,%%rdx,4)\n"
        :
        : "r"(p)
        : "eax", "ecx", "edx", "memory", "cc");
}

// right {"length": "[{buffer}]=0..3"} up to three keys behind their number
void varsort3_jumps(int *p) {
    __asm__ volatile(
        "cmpl $2, (%0)\n\t"
        "jl 3f\n\t"
        "je 2f\n\t"
        "mov 8(%0), %%eax\n\t"
        "mov 12(%0), %%ecx\n\t"
        "cmp %%eax, %%ecx\n\t"
        "jge 1f\n\t"
        "mov %%ecx, 8(%0)\n\t"
        "mov %%eax, 12(%0)\n"
        "1:\n\t"
        "mov 4(%0), %%eax\n\t"
        "mov 12(%0), %%ecx\n\t"
        "cmp %%eax, %%ecx\n\t"
        "jge 2f\n\t"
        "mov %%ecx, 4(%0)\n\t"
        "mov %%eax, 12(%0)\n"
        "2:\n\t"
        "mov 4(%0), %%eax\n\t"
        "mov 8(%0), %%ecx\n\t"
        "cmp %%eax, %%ecx\n\t"
        "jge 3f\n\t"
        "mov %%ecx, 4(%0)\n\t"
        "mov %%eax, 8(%0)\n"
        "3:"
        :
        : "r"(p)
        : "eax", "ecx", "memory", "cc");
}

// right {} two keys from registers to others, by a jump
void sort2_outputs(int *p) {
    int a = p[0], b = p[1], least, most;
    __asm__(
        "mov %2, %0\n\t"
        "mov %3, %1\n\t"
        "cmp %2, %3\n\t"
        "jge 1f\n\t"
        "mov %3, %0\n\t"
        "mov %2, %1\n"
        "1:"
        : "=&r"(least), "=&r"(most)
        : "r"(a), "r"(b)
        : "cc");
    p[0] = least; p[1] = most;
}

// right {"length": "{end}-{buffer}=0..3"} keys up to an end that is given, by exchanges until none
void exchange_pointers(int *p, int *end) {
    __asm__ volatile(
        "1:\n\t"
        "mov %0, %%rdx\n\t"
        "mov $0, %%esi\n"
        "2:\n\t"
        "lea 4(%%rdx), %%rcx\n\t"
        "cmp %1, %%rcx\n\t"
        "jae 3f\n\t"
        "mov (%%rdx), %%eax\n\t"
        "mov (%%rcx), %%edi\n\t"
        "cmp %%eax, %%edi\n\t"
        "jge 4f\n\t"
        "mov %%edi, (%%rdx)\n\t"
        "mov %%eax, (%%rcx)\n\t"
        "mov $1, %%esi\n"
        "4:\n\t"
        "mov %%rcx, %%rdx\n\t"
        "jmp 2b\n"
        "3:\n\t"
        "test %%esi, %%esi\n\t"
        "jne 1b"
        :
        : "r"(p), "r"(end)
        : "rax", "rcx", "rdx", "rdi", "rsi", "memory", "cc");
}
