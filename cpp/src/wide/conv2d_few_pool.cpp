// Convolution of few input channels with 2 x 2 max pooling behind it: the outputs of a window meet in registers.
#include "ops/pool2d.h"
#include "wide/conv2d_few_units.h"
#include "wide/micro.h"

namespace ek::EK_ISA {
namespace {
// R windows side by side by V vectors of channels; x lies under the first tap of the first window's first pixel.
template <int R, int V, bool MASK>
EK_INLINE void windows(const FewPlan& p, const float* x, int64_t row, const float* w, const float* b, float* y,
                       uint8_t* position) {
  const int64_t step = int64_t{p.s.stride_w} * p.s.c, below = p.s.stride_h * row, o = p.s.o;
  vf a[R * kFewWindow][V];
  sum_taps(
      p, x, row, w, b, [=](int r) EK_FLAT { return r % 4 / 2 * below + (r / 4 * 2 + r % 2) * step; }, a);
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r, y += o, position += o)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) {
      const vf window[kFewWindow] = {a[4 * r][v], a[4 * r + 1][v], a[4 * r + 2][v], a[4 * r + 3][v]};
      Best best = best_of(window);
      if (p.ceiling > 0) best = rectified(best, kFewWindow);
      store_lanes<MASK>(y, best.value, v, o);
      if (!MASK || v * VF < o) put(position + v * VF, best.tap, MASK ? o - v * VF : int64_t{VF});
    }
}

// A row of windows, R at a time; the last ones overlap those before.
template <int R, int V, bool MASK>
void window_row(const FewPlan& p, const float* x, int64_t row, const float* w, const float* b, float* y,
                uint8_t* position) {
  const int64_t step = 2 * int64_t{p.s.stride_w} * p.s.c, columns = p.ow / 2;
  for (int64_t i = 0; i < columns; i += R) {
    const int64_t at = smaller(i, columns - R);
    windows<R, V, MASK>(p, x + at * step, row, w, b, y + at * p.s.o, position + at * p.s.o);
  }
}

typedef void (*Row)(const FewPlan&, const float*, int64_t, const float*, const float*, float*, uint8_t*);

template <int R, int V, bool MASK>
Row row_of(int windows) {
  if constexpr (R > 1) {
    if (windows < R) return row_of<R - 1, V, MASK>(windows);
  }
  return window_row<R, V, MASK>;
}

template <int V, bool MASK>
void forward(const FewPlan& p, const float* x, const float* w, const float* b, float* y, uint8_t* position,
             float* scratch) {
  const Row one_row =
      row_of<kRows / 2 / V, V, MASK>(best_groups(p.ow / 2, kRows / 2 / V, kFewWindow * V, [](int) { return true; }));
  for_units(p, x, scratch, [=, &p](Input in, int64_t first, int64_t rows, int64_t) {
    for (int64_t r = 0; r < rows; r += 2)
      for (int64_t k = 0; k < p.blocks; ++k) {
        const int64_t at = (first + r) / 2 * (p.ow / 2) * p.s.o + few_start(p, k);
        one_row(p, in.x + r * p.s.stride_h * in.row, in.row, w + k * p.taps * p.block, b + k * p.block, y + at,
                position + at);
      }
  });
}
}  // namespace

void few_max_pool(const FewPlan& p, const float* x, const float* w, const float* b, float* y, uint8_t* position,
                  float* scratch) {
  const bool mask = p.s.o < p.block;
  const auto run =
      p.block == VF ? (mask ? forward<1, true> : forward<1, false>) : (mask ? forward<2, true> : forward<2, false>);
  run(p, x, w, b, y, position, scratch);
}
}  // namespace ek::EK_ISA
