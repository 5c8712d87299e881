/* What `sortopt bench` times. Before it is included, KEY is the key type, N the number of keys,
 * STRIDE how far groups are apart, and SORT(p) sorts the N keys at p (or, of four groups lane by
 * lane, the 4 N keys). Every timed function has the same shape; `out` is not used. */

#include <stddef.h>
#include <stdint.h>

#define MOST_KEYS 65536

#ifdef __cplusplus
#define EXPORT extern "C"
#else
#define EXPORT
#endif

static inline void insertion_sort(KEY *keys, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        const KEY moving = keys[i];
        size_t j = i;
        for (; j > 0 && moving < keys[j - 1]; j--)
            keys[j] = keys[j - 1];
        keys[j] = moving;
    }
}

/* The base case of both sorts: the subject where there are N keys, insertion sort below. */
static inline void base_case(KEY *keys, size_t n)
{
    if (n == N) {
        SORT(keys);
    } else {
        insertion_sort(keys, n);
    }
}

/* Many small groups, four an iteration, so that the loop itself weighs less. */
EXPORT void standalone(KEY *keys, KEY *out, int64_t count);
EXPORT void standalone(KEY *keys, KEY *out, int64_t count)
{
    (void)out;
    int64_t i = 0;
    for (; i + 4 <= count; i += 4) {
        SORT(keys + i * STRIDE);
        SORT(keys + (i + 1) * STRIDE);
        SORT(keys + (i + 2) * STRIDE);
        SORT(keys + (i + 3) * STRIDE);
    }
    for (; i < count; i++)
        SORT(keys + i * STRIDE);
}

/* Hoare's partition around the median of three: of the first, the middle and the last key one is
 * the pivot and another is no less, so that both parts are shorter than the whole. */
static size_t partition(KEY *keys, size_t n)
{
    const KEY a = keys[0], b = keys[n / 2], c = keys[n - 1];
    const KEY low = a < b ? a : b, high = a < b ? b : a;
    const KEY pivot = c < low ? low : high < c ? high : c;
    KEY *i = keys - 1, *j = keys + n;
    for (;;) {
        do
            i++;
        while (*i < pivot);
        do
            j--;
        while (pivot < *j);
        if (i >= j)
            return (size_t)(j - keys) + 1;
        const KEY held = *i;
        *i = *j;
        *j = held;
    }
}

static void quick(KEY *keys, size_t n)
{
    while (n > N) {
        const size_t split = partition(keys, n);
        if (split < n - split) {
            quick(keys, split);
            keys += split;
            n -= split;
        } else {
            quick(keys + split, n - split);
            n = split;
        }
    }
    base_case(keys, n);
}

EXPORT void embedded_quicksort(KEY *keys, KEY *out, int64_t count);
EXPORT void embedded_quicksort(KEY *keys, KEY *out, int64_t count)
{
    (void)out;
    quick(keys, (size_t)count);
}

static void merge(const KEY *a, size_t m, const KEY *b, size_t n, KEY *to)
{
    const KEY *a_end = a + m, *b_end = b + n;
    while (a < a_end && b < b_end) {
        const int second = *b < *a;
        *to++ = second ? *b : *a;
        b += second;
        a += !second;
    }
    while (a < a_end)
        *to++ = *a++;
    while (b < b_end)
        *to++ = *b++;
}

/* From the bottom up: groups of N, then ever longer runs, to and fro between two buffers. */
EXPORT void embedded_mergesort(KEY *keys, KEY *out, int64_t count);
EXPORT void embedded_mergesort(KEY *keys, KEY *out, int64_t count)
{
    static KEY buffer[MOST_KEYS];
    const size_t n = (size_t)count;
    KEY *from = keys, *to = buffer;
    (void)out;
    for (size_t i = 0; i < n; i += N)
        base_case(keys + i, n - i < N ? n - i : N);
    for (size_t width = N; width < n; width *= 2) {
        for (size_t i = 0; i < n; i += 2 * width) {
            const size_t first = n - i < width ? n - i : width;
            const size_t second = n - i - first < width ? n - i - first : width;
            merge(from + i, first, from + i + first, second, to + i);
        }
        KEY *held = from;
        from = to;
        to = held;
    }
    if (from != keys)
        for (size_t i = 0; i < n; i++)
            keys[i] = from[i];
}
