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

template <class It, class Less> inline unsigned counted3(It a, It b, It c, Less less) {
    unsigned swaps = 1;
    if (less(*b, *a)) {
        if (less(*c, *b)) { std::swap(*a, *c); return swaps; }
        std::swap(*a, *b);
        if (less(*c, *b)) { std::swap(*b, *c); ++swaps; }
        return swaps;
    }
    if (!less(*c, *b)) return 0;
    std::swap(*b, *c);
    if (less(*b, *a)) { std::swap(*a, *b); ++swaps; }
    return swaps;
}

template <class It, class Less> inline unsigned counted4(It a, It b, It c, It d, Less less) {
    unsigned swaps = counted3(a, b, c, less);
    if (less(*d, *c)) {
        std::swap(*c, *d); ++swaps;
        if (less(*c, *b)) {
            std::swap(*b, *c); ++swaps;
            if (less(*b, *a)) { std::swap(*a, *b); ++swaps; }
        }
    }
    return swaps;
}

extern "C" {

// right {} five keys, by nested ifs that count swaps, with a comparator
unsigned sort5_counted(int *p) {
    auto less = [](int a, int b) { return a < b; };
    unsigned swaps = counted4(p, p + 1, p + 2, p + 3, less);
    if (less(p[4], p[3])) {
        std::swap(p[3], p[4]); ++swaps;
        if (less(p[3], p[2])) {
            std::swap(p[2], p[3]); ++swaps;
            if (less(p[2], p[1])) {
                std::swap(p[1], p[2]); ++swaps;
                if (less(p[1], p[0])) { std::swap(p[0], p[1]); ++swaps; }
            }
        }
    }
    return swaps;
}

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
