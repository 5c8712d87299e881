/* Three keys in one register: the comparisons of each with the next choose a shuffle. */

#include <emmintrin.h>

static const unsigned char shuffles[8][16] __attribute__((aligned(16))) = {SHUFFLES};

static inline void shuffle(KEY *keys)
{
    __m128i x = _mm_unpacklo_epi64(_mm_loadl_epi64((const __m128i *)(const void *)keys),
                                   _mm_cvtsi32_si128((int)keys[2]));
    const __m128i y = SIGNED ? x : _mm_xor_si128(x, _mm_set1_epi32((int)0x80000000u));
    const __m128i next = _mm_cmpgt_epi32(y, _mm_shuffle_epi32(y, _MM_SHUFFLE(3, 0, 2, 1)));
    const int chosen = 7 & _mm_movemask_ps(_mm_castsi128_ps(next));
    __asm__("pshufb {%1, %0|%0, %1}"
            : "+x"(x) : "m"(*(const __m128i *)(const void *)shuffles[chosen]));
    _mm_storel_epi64((__m128i *)(void *)keys, x);
    keys[2] = (KEY)_mm_cvtsi128_si32(_mm_shuffle_epi32(x, 2));
}
