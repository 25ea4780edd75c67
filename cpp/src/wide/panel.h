// The right-hand side of a matrix product in panels, as micro.h wants it.
#pragma once
#include <string.h>

#include "simd.h"
#include "transpose.h"

namespace ek::EK_ISA {
// b[l row + j step], depth rows of `width` columns, one of row and step being 1, in rows of `lanes`; zeros behind.
static inline void pack_b(const float* b, int64_t row, int64_t step, int64_t depth, int64_t width, int64_t lanes,
                          float* panel) {
  if (width < lanes) memset(panel, 0, sizeof(float) * depth * lanes);
  if (step != 1) return transpose(b, step, panel, lanes, width, depth);
  for (int64_t l = 0; l < depth; ++l, b += row, panel += lanes) {
    int64_t j = 0;
    for (; j + VF <= width; j += VF) store(panel + j, load(b + j));
    if (j < width) store_part(panel + j, load_part(b + j, width - j), width - j);
  }
}
}  // namespace ek::EK_ISA
