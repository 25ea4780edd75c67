// The input of Winograd along rows, at kFewPoints points.
#pragma once
#include "wide/conv2d_few_units.h"

namespace ek::EK_ISA {
// B^T, by columns: the points are 0, infinity, 1/2, -1/2, 1, -1, 2, -2. Row p holds the coefficients of the product of
// (x - q) over the other points q; what that is at p divides the weights (few_pack_points).
alignas(32) constexpr float kColumns[kFewPoints][kFewPoints] = {{1, 0, 0, 0, 0, 0, 0, 0},
                                                                {0, -1, 2, -2, 1, -1, 0.5f, -0.5f},
                                                                {-5.25f, 0, 4, 4, 1, 1, 0.25f, 0.25f},
                                                                {0, 5.25f, -2.5f, 2.5f, -4.25f, 4.25f, -2.5f, 2.5f},
                                                                {5.25f, 0, -5, -5, -4.25f, -4.25f, -1.25f, -1.25f},
                                                                {0, -5.25f, 0.5f, -0.5f, 1, -1, 2, -2},
                                                                {-1, 0, 1, 1, 1, 1, 1, 1},
                                                                {0, 1, 0, 0, 0, 0, 0, 0}};

// v (tile, channel, point) of one row of the input.
static inline void transform_row(const FewPlan& p, const float* x, float* v) {
  const int64_t tiles = few_tiles(p), c = p.s.c;
  for (int64_t t = 0; t < tiles; ++t) {
    const float* from = x + few_tile(p, t) * c;
    for (int64_t ch = 0; ch < c; ++ch, ++from, v += kFewPoints) {
      __m256 sum = _mm256_mul_ps(_mm256_broadcast_ss(from), _mm256_load_ps(kColumns[0]));
      for (int k = 1; k < kFewPoints; ++k)
        sum = _mm256_fmadd_ps(_mm256_broadcast_ss(from + k * c), _mm256_load_ps(kColumns[k]), sum);
      _mm256_storeu_ps(v, sum);
    }
  }
}
}  // namespace ek::EK_ISA
