// Vectors of neighbouring pixels, and of every other one.
#pragma once
#include "simd.h"

namespace ek::EK_ISA {
// Pixels 0, 2, 4, … and 1, 3, 5, … of VF pairs.
struct Pairs {
  vf even, odd;
};
// Pixels 0..VF-1 and VF..2 VF-1.
struct Neighbours {
  vf first, second;
};
#if defined(EK_VF16)
EK_INLINE Pairs pairs_of(Neighbours v) {
  const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  const __m512i odd = _mm512_add_epi32(even, _mm512_set1_epi32(1));
  return {_mm512_permutex2var_ps(v.first, even, v.second), _mm512_permutex2var_ps(v.first, odd, v.second)};
}
EK_INLINE Neighbours neighbours_of(Pairs v) {
  const __m512i low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const __m512i high = _mm512_add_epi32(low, _mm512_set1_epi32(8));
  return {_mm512_permutex2var_ps(v.even, low, v.odd), _mm512_permutex2var_ps(v.even, high, v.odd)};
}
#elif defined(__AVX2__)
EK_INLINE Pairs pairs_of(Neighbours v) {
  const auto in_order = [](vf v) {
    return _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(v), _MM_SHUFFLE(3, 1, 2, 0)));
  };
  return {in_order(_mm256_shuffle_ps(v.first, v.second, 0x88)), in_order(_mm256_shuffle_ps(v.first, v.second, 0xDD))};
}
EK_INLINE Neighbours neighbours_of(Pairs v) {
  const vf a = _mm256_unpacklo_ps(v.even, v.odd), b = _mm256_unpackhi_ps(v.even, v.odd);
  return {_mm256_permute2f128_ps(a, b, 0x20), _mm256_permute2f128_ps(a, b, 0x31)};
}
#else
EK_INLINE Pairs pairs_of(Neighbours v) { return {v.first, v.second}; }
EK_INLINE Neighbours neighbours_of(Pairs v) { return {v.even, v.odd}; }
#endif
EK_INLINE Pairs load_pairs(const float* p) { return pairs_of({load(p), load(p + VF)}); }
}  // namespace ek::EK_ISA
