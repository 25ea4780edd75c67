// Pixels, or windows of some, by channels.
#pragma once
#include "wide/wide.h"

namespace ek {
// y = x u + bias for rows of c channels and of o, rectified below a ceiling above 0. u: panels (c, lanes) of
// pointwise_panel() output channels, and of fewer vectors where fewer are left; bias: as many lanes.
struct Pointwise {
  int64_t rows, c, o;
  const float *x, *u, *bias;
  float* y;
  int64_t y_row;
  float ceiling;
};
}  // namespace ek

EK_WIDE_KERNEL(int64_t, pointwise_panel, ())
// The panel from output channel j on of the weights w[l row + j step + tap], (tap, l, j) in order: of one tap, with a
// row or a step of 1, or of as many as a row
EK_WIDE_KERNEL(void, pointwise_pack,
               (const float* w, int64_t taps, int64_t row, int64_t step, int64_t c, int64_t o, int64_t j, float* u))
EK_WIDE_KERNEL(void, pointwise, (const ek::Pointwise& p))
