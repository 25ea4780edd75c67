// One row of a softmax, shared with cross-entropy.
#pragma once
#include "elementwise.h"
#include "vmath.h"

namespace ek::EK_ISA {
// Rows a chunk, for rows of n numbers that go through exp.
EK_INLINE int64_t row_grain(int64_t n) { return 1 + kGrain / 4 / (n + 1); }

EK_INLINE float row_max(const float* x, int64_t n) {
  vf m = set(-INFINITY);
  int64_t i = 0;
  for (; i + VF <= n; i += VF) m = max(load(x + i), m);
  if (i < n) m = max(select(part(n - i), load_part(x + i, n - i), m), m);
  float lanes[VF], top = -INFINITY;
  store(lanes, m);
  for (int l = 0; l < VF; ++l) top = lanes[l] > top ? lanes[l] : top;
  return top;
}

// sum of e^(x - top); y = e^(x - top) as well unless y is null
EK_INLINE double row_exp(const float* x, float top, float* y, int64_t n) {
  if (!y) return sum_here(x, n, [=](vf x) { return exp(sub(x, set(top))); });
  map_here(x, y, n, [=](vf x) { return exp(sub(x, set(top))); });
  return sum_here(y, n, [](vf y) { return y; });
}
}  // namespace ek::EK_ISA
