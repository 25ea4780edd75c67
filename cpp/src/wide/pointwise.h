// Pixels by channels: the products of 1x1 windows.
#pragma once
#include "wide/wide.h"

namespace ek {
// y = x u + bias for rows of c channels and of o, rectified below a ceiling above 0. u: panels (c, lanes) of
// pointwise_panel(c) output channels, and of fewer vectors where fewer are left; bias: as many lanes.
struct Pointwise {
  int64_t rows, c, o;
  const float *x, *u, *bias;
  float* y;
  int64_t y_row;
  float ceiling;
};
}  // namespace ek

EK_WIDE_KERNEL(int64_t, pointwise_panel, (int64_t c))
// The panel from output channel j on of w[l row + j step], of which row or step is 1
EK_WIDE_KERNEL(void, pointwise_pack,
               (const float* w, int64_t row, int64_t step, int64_t c, int64_t o, int64_t j, float* u))
EK_WIDE_KERNEL(void, pointwise, (const ek::Pointwise& p))
