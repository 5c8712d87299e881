/* What people write in C to sort, merge and choose a few keys: see scripts/compilers.py. */

#define ORDER(T, x, y) { T lower = x < y ? x : y; y = x < y ? y : x; x = lower; }
#define SWAP_IF(i, j) if (p[j] < p[i]) { int key = p[i]; p[i] = p[j]; p[j] = key; }
#define SWAP_NUMBERS(T, i, j) if (p[j] < p[i]) { T key = p[i]; p[i] = p[j]; p[j] = key; }
#define MASK(x, y) { int both = (x ^ y) & -(y < x); x ^= both; y ^= both; }
#define SUM(x, y) { unsigned long more = (y - x) * (y < x); x += more; y -= more; }
#define INDEX(i, j) { int s = p[j] < p[i], a = p[s ? j : i], b = p[s ? i : j]; p[i] = a; p[j] = b; }
#define APART static __attribute__((noinline))

APART int lower(int x, int y) { return x < y ? x : y; }
APART int upper(int x, int y) { return x < y ? y : x; }
APART void order(int *x, int *y) { int a = lower(*x, *y); *y = upper(*x, *y); *x = a; }
APART void insert(int *p, int n) {
    if (n && p[n] < p[n - 1]) { int key = p[n]; p[n] = p[n - 1]; p[n - 1] = key; insert(p, n - 1); }
}

#define EXCHANGE(i, j) { int key = p[i]; p[i] = p[j]; p[j] = key; }

static inline void nested3(int *p) {
    if (p[1] < p[0]) {
        if (p[2] < p[1]) { EXCHANGE(0, 2) return; }
        EXCHANGE(0, 1)
        if (p[2] < p[1]) EXCHANGE(1, 2)
    } else if (p[2] < p[1]) {
        EXCHANGE(1, 2)
        if (p[1] < p[0]) EXCHANGE(0, 1)
    }
}

static inline void nested4(int *p) {
    nested3(p);
    if (p[3] < p[2]) {
        EXCHANGE(2, 3)
        if (p[2] < p[1]) { EXCHANGE(1, 2) if (p[1] < p[0]) EXCHANGE(0, 1) }
    }
}

// right {} two keys, by ?:
void sort2(int *p) { int a = p[0], b = p[1]; ORDER(int, a, b) p[0] = a; p[1] = b; }

// right {} three keys, by ?:
void sort3(int *p) {
    int a = p[0], b = p[1], c = p[2];
    ORDER(int, b, c) ORDER(int, a, c) ORDER(int, a, b)
    p[0] = a; p[1] = b; p[2] = c;
}

// right {} four keys, by ?:
void sort4(int *p) {
    int a = p[0], b = p[1], c = p[2], d = p[3];
    ORDER(int, a, b) ORDER(int, c, d) ORDER(int, a, c) ORDER(int, b, d) ORDER(int, b, c)
    p[0] = a; p[1] = b; p[2] = c; p[3] = d;
}

// faulty {} four keys, by ?:, one comparator too few
void sort4_faulty(int *p) {
    int a = p[0], b = p[1], c = p[2], d = p[3];
    ORDER(int, a, b) ORDER(int, c, d) ORDER(int, a, c) ORDER(int, b, d)
    p[0] = a; p[1] = b; p[2] = c; p[3] = d;
}

// right {} four unsigned keys of 64 bits, by ?:
void sort4_unsigned(unsigned long *p) {
    unsigned long a = p[0], b = p[1], c = p[2], d = p[3];
    ORDER(unsigned long, a, b) ORDER(unsigned long, c, d) ORDER(unsigned long, a, c)
    ORDER(unsigned long, b, d) ORDER(unsigned long, b, c)
    p[0] = a; p[1] = b; p[2] = c; p[3] = d;
}

// right {} four keys, by a mask
void sort4_mask(int *p) {
    int a = p[0], b = p[1], c = p[2], d = p[3];
    MASK(a, b) MASK(c, d) MASK(a, c) MASK(b, d) MASK(b, c)
    p[0] = a; p[1] = b; p[2] = c; p[3] = d;
}

// right {} three unsigned keys of 64 bits, by a product
void sort3_unsigned_product(unsigned long *p) {
    unsigned long a = p[0], b = p[1], c = p[2];
    SUM(b, c) SUM(a, c) SUM(a, b)
    p[0] = a; p[1] = b; p[2] = c;
}

// right {} three keys, by an index
void sort3_index(int *p) { INDEX(1, 2) INDEX(0, 2) INDEX(0, 1) }

// right {} four keys, by calls
void sort4_calls(int *p) {
    order(p, p + 1); order(p + 2, p + 3); order(p, p + 2); order(p + 1, p + 3); order(p + 1, p + 2);
}

// faulty {} four keys, by calls, one comparator too few
void sort4_calls_faulty(int *p) {
    order(p, p + 1); order(p + 2, p + 3); order(p, p + 2); order(p + 1, p + 3);
}

// right {} four keys, by a function that calls itself
void sort4_recursive(int *p) { insert(p, 1); insert(p, 2); insert(p, 3); }

// right {} four keys, swapped by if
void sort4_if(int *p) { SWAP_IF(0, 1) SWAP_IF(2, 3) SWAP_IF(0, 2) SWAP_IF(1, 3) SWAP_IF(1, 2) }

// faulty {} four keys, swapped by if, one comparator too few
void sort4_if_faulty(int *p) { SWAP_IF(0, 1) SWAP_IF(2, 3) SWAP_IF(0, 2) SWAP_IF(1, 3) }

// right {} three keys, insertion sort
void insertion3(int *p) {
    for (int i = 1; i < 3; i++) {
        int key = p[i], j = i - 1;
        for (; j >= 0 && p[j] > key; j--) p[j + 1] = p[j];
        p[j + 1] = key;
    }
}

// faulty {} three keys, insertion sort by one step only
void insertion3_faulty(int *p) {
    for (int i = 1; i < 3; i++) {
        int key = p[i];
        if (p[i - 1] > key) { p[i] = p[i - 1]; p[i - 1] = key; }
    }
}

// right {} five keys, by nested ifs, as C++ libraries have it
void sort5_nested(int *p) {
    nested4(p);
    if (p[4] < p[3]) {
        EXCHANGE(3, 4)
        if (p[3] < p[2]) {
            EXCHANGE(2, 3)
            if (p[2] < p[1]) { EXCHANGE(1, 2) if (p[1] < p[0]) EXCHANGE(0, 1) }
        }
    }
}

// faulty {} five keys, by nested ifs, one too few
void sort5_nested_faulty(int *p) {
    nested4(p);
    if (p[4] < p[3]) {
        EXCHANGE(3, 4)
        if (p[3] < p[2]) { EXCHANGE(2, 3) if (p[2] < p[1]) EXCHANGE(1, 2) }
    }
}

// right {"length": "[{buffer}]=0..3"} up to three keys behind their number
void varsort3(int *p) {
    if (p[0] < 2) return;
    if (p[2] < p[1]) EXCHANGE(1, 2)
    if (p[0] == 2) return;
    if (p[3] < p[2]) { EXCHANGE(2, 3) if (p[2] < p[1]) EXCHANGE(1, 2) }
}

// faulty {"length": "[{buffer}]=0..3"} up to three keys behind their number, the last not moved far
void varsort3_faulty(int *p) {
    if (p[0] < 2) return;
    if (p[2] < p[1]) EXCHANGE(1, 2)
    if (p[0] > 2 && p[3] < p[2]) EXCHANGE(2, 3)
}

// right {"length": "{second}=0..4"} a number of keys that is given, insertion sort
void insertion(int *p, int n) {
    for (int i = 1; i < n; i++) {
        int key = p[i], j = i - 1;
        for (; j >= 0 && p[j] > key; j--) p[j + 1] = p[j];
        p[j + 1] = key;
    }
}

// faulty {"length": "{second}=0..4"} a number of keys that is given, insertion sort of one too many
void insertion_faulty(int *p, int n) {
    for (int i = 1; i <= n; i++) {
        int key = p[i], j = i - 1;
        for (; j >= 0 && p[j] > key; j--) p[j + 1] = p[j];
        p[j + 1] = key;
    }
}

// right {"length": "{end}-{buffer}=0..4"} keys up to an end that is given, insertion sort
void insertion_pointers(int *p, int *end) {
    for (int *i = p + 1; i < end; i++) {
        int key = *i, *j = i;
        for (; j != p && key < j[-1]; j--) *j = j[-1];
        *j = key;
    }
}

// faulty {"length": "{end}-{buffer}=0..4"} keys up to an end that is given, by one step only
void insertion_pointers_faulty(int *p, int *end) {
    for (int *i = p + 1; i < end; i++)
        if (*i < i[-1]) { int key = *i; *i = i[-1]; i[-1] = key; }
}

// right {"assume": "b<=c"} three keys of which two are in order
void partially_sorted_swap(int *p) {
    int a = p[0], b = p[1], c = p[2];
    int more = c < a, least = more ? c : a;
    c = more ? a : c;
    p[0] = least < b ? least : b;
    p[1] = least < b ? b : least;
    p[2] = c;
}

// right {"distinct_buffers": true} four keys to another buffer, stable, by pointers
void sort4_stable(const int *restrict p, int *restrict q) {
    int swap1 = p[1] < p[0], swap2 = p[3] < p[2];
    const int *a = p + swap1, *b = p + !swap1, *c = p + 2 + swap2, *d = p + 2 + !swap2;
    int swap3 = *c < *a, swap4 = *d < *b;
    const int *left = swap3 ? a : swap4 ? c : b, *right = swap4 ? d : swap3 ? b : c;
    int swap5 = *right < *left;
    q[0] = *(swap3 ? c : a);
    q[1] = *(swap5 ? right : left);
    q[2] = *(swap5 ? left : right);
    q[3] = *(swap4 ? b : d);
}

// right {"goal": "merge:2,2", "distinct_buffers": true} two pairs merged to another buffer, by ?:
void merge4(const int *restrict p, int *restrict q) {
    int a = p[0], b = p[1], c = p[2], d = p[3];
    ORDER(int, a, c) ORDER(int, b, d) ORDER(int, b, c)
    q[0] = a; q[1] = b; q[2] = c; q[3] = d;
}

// right {"goal": "median"} median of three, by ?:
void median3(int *p) {
    int a = p[0], b = p[1], c = p[2];
    ORDER(int, a, b)
    c = b < c ? b : c;
    p[0] = a < c ? c : a;
}

// faulty {"goal": "median"} median of three, by ?:, of two only
void median3_faulty(int *p) {
    int a = p[0], b = p[1], c = p[2];
    c = b < c ? b : c;
    p[0] = a < c ? c : a;
}

// right {"goal": "min"} least of four, by ?:
void least4(int *p) {
    int a = p[0] < p[1] ? p[0] : p[1], b = p[2] < p[3] ? p[2] : p[3];
    p[0] = a < b ? a : b;
}

// right {"keep": "safe"} three floats, NaN kept, by swaps
void floats3(float *p) {
    SWAP_NUMBERS(float, 0, 1) SWAP_NUMBERS(float, 1, 2) SWAP_NUMBERS(float, 0, 1)
}

// right {"keep": "safe"} three floats, NaN kept, by ?:
void floats3_ternary(float *p) {
    float a = p[0], b = p[1], c = p[2];
    ORDER(float, a, b) ORDER(float, b, c) ORDER(float, a, b)
    p[0] = a; p[1] = b; p[2] = c;
}

// right {} two floats, by ?: of two comparisons
void floats2_values(float *p) {
    float a = p[0], b = p[1];
    p[0] = a < b ? a : b; p[1] = a > b ? a : b;
}

// faulty {"keep": "elements"} two floats, of -0 and +0 one lost, by ?: of two comparisons
void floats2_zeros(float *p) {
    float a = p[0], b = p[1];
    p[0] = a < b ? a : b; p[1] = a > b ? a : b;
}

// right {"keep": "stable"} four doubles, insertion sort
void doubles4(double *p) {
    for (int i = 1; i < 4; i++) {
        double key = p[i];
        int j = i;
        for (; j > 0 && key < p[j - 1]; j--) p[j] = p[j - 1];
        p[j] = key;
    }
}

// faulty {} three doubles, by swaps, one where unordered
void doubles3_faulty(double *p) {
    SWAP_NUMBERS(double, 0, 1) SWAP_NUMBERS(double, 1, 2)
    if (!(p[0] < p[1]) && !(p[0] > p[1])) { p[0] = p[2]; }
}
