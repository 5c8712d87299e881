/* Four keys in one register: the comparisons of each with the next and of those two apart choose a
 * shuffle. */

#include <emmintrin.h>

static const unsigned char shuffles[64][16] __attribute__((aligned(16))) = {SHUFFLES};

static inline void shuffle(KEY *keys)
{
    __m128i x = _mm_loadu_si128((const __m128i *)(const void *)keys);
    const __m128i y = SIGNED ? x : _mm_xor_si128(x, _mm_set1_epi32((int)0x80000000u));
    const __m128i next = _mm_cmpgt_epi32(y, _mm_shuffle_epi32(y, _MM_SHUFFLE(0, 3, 2, 1)));
    const __m128i apart = _mm_cmpgt_epi32(y, _mm_shuffle_epi32(y, _MM_SHUFFLE(1, 0, 3, 2)));
    const int chosen = _mm_movemask_ps(_mm_castsi128_ps(next)) |
                       (3 & _mm_movemask_ps(_mm_castsi128_ps(apart))) << 4;
    __asm__("pshufb {%1, %0|%0, %1}"
            : "+x"(x) : "m"(*(const __m128i *)(const void *)shuffles[chosen]));
    _mm_storeu_si128((__m128i *)(void *)keys, x);
}
