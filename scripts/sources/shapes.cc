// What people write in C++ to sort and choose a few keys: see scripts/compilers.py.

#include <algorithm>
#include <utility>

static inline void order(int &x, int &y) {
    int lower = std::min(x, y), upper = std::max(x, y);
    x = lower;
    y = upper;
}

static inline void cond_swap(int *x, int *y) {
    bool ordered = *x < *y;
    int lower = ordered ? *x : *y;
    *y = ordered ? *y : *x;
    *x = lower;
}

extern "C" {

// right {} four keys, by std::min and std::max
void sort4_min_max(int *p) {
    int a = p[0], b = p[1], c = p[2], d = p[3];
    order(a, b), order(c, d), order(a, c), order(b, d), order(b, c);
    p[0] = a, p[1] = b, p[2] = c, p[3] = d;
}

// right {} three keys, by std::swap
void sort3_swap(int *p) {
    if (p[2] < p[1]) std::swap(p[1], p[2]);
    if (p[2] < p[0]) std::swap(p[0], p[2]);
    if (p[1] < p[0]) std::swap(p[0], p[1]);
}

// right {} three keys, by cond_swap
void sort3_cond_swap(int *p) {
    cond_swap(p + 1, p + 2), cond_swap(p, p + 2), cond_swap(p, p + 1);
}

// faulty {} three keys, by cond_swap, in an order that does not sort
void sort3_cond_swap_faulty(int *p) {
    cond_swap(p, p + 1), cond_swap(p, p + 2), cond_swap(p, p + 1);
}

// right {"goal": "median"} median of three, by std::min and std::max
void median3_min_max(int *p) {
    p[0] = std::max(std::min(p[0], p[1]), std::min(std::max(p[0], p[1]), p[2]));
}

// right {"goal": "minmax"} least and greatest of three, by std::min and std::max
void ends3(int *p) {
    int least = std::min(std::min(p[0], p[1]), p[2]);
    p[1] = std::max(std::max(p[0], p[1]), p[2]);
    p[0] = least;
}
}
