// The input of Winograd along rows, at kRowPoints points.
#pragma once
#include "wide/conv2d_few_units.h"
#include "winograd_row.h"

namespace ek::EK_ISA {
// v (tile, channel, point) of one row of the input.
static inline void transform_row(const FewPlan& p, const float* x, float* v) {
  const int64_t tiles = few_tiles(p), c = p.s.c;
  for (int64_t t = 0; t < tiles; ++t) {
    const float* from = x + few_tile(p, t) * c;
    for (int64_t ch = 0; ch < c; ++ch, ++from, v += kRowPoints) {
      __m256 sum = _mm256_mul_ps(_mm256_broadcast_ss(from), _mm256_load_ps(kInputColumns[0]));
      for (int k = 1; k < kRowPoints; ++k)
        sum = _mm256_fmadd_ps(_mm256_broadcast_ss(from + k * c), _mm256_load_ps(kInputColumns[k]), sum);
      _mm256_storeu_ps(v, sum);
    }
  }
}
}  // namespace ek::EK_ISA
