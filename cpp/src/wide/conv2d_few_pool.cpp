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
  const ek_conv2d_shape& s = p.s;
  const int64_t step = int64_t{s.stride_w} * s.c, down = s.dilation_h * row, right = int64_t{s.dilation_w} * s.c;
  const int64_t below = s.stride_h * row;
  vf a[R][V][kWindow];
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v)
#pragma GCC unroll 8
      for (int i = 0; i < kWindow; ++i) a[r][v][i] = load(b + v * VF);
  for (int i = 0; i < s.kh; ++i)
    for (int64_t j = 0; j < p.runs; ++j) {
      const float *q = x + i * down + j * right, *end = q + p.run;
      for (; q < end; ++q, w += V * VF) {
        vf k[V];
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) k[v] = load(w + v * VF);
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
          for (int t = 0; t < kWindow; ++t) {
            const vf u = broadcast(q + (t / 2) * below + (2 * r + t % 2) * step);
#pragma GCC unroll 8
            for (int v = 0; v < V; ++v) a[r][v][t] = fma(u, k[v], a[r][v][t]);
          }
      }
    }
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) {
      Best best = best_of(a[r][v]);
      if (p.relu) best = rectified(best, kNone);
      store_lanes<MASK>(y + r * s.o, best.value, v, s.o);
      if (!MASK || v * VF < s.o) put(position + r * s.o + v * VF, best.tap, MASK ? s.o - v * VF : VF);
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

// The number of windows at a time for which a row costs least. A tap takes as long as its products, but not less than
// eight, which are under way at once; two more stand for what a call costs.
int best_windows(int64_t columns, int vectors) {
  int best = 1;
  int64_t least = INT64_MAX;
  for (int r = kRows / 2 / vectors; r > 0; --r) {
    const int64_t cost = ceil_div(columns, r) * (larger(r * vectors * kWindow, 8) + 2);
    if (r <= columns && cost < least) best = r, least = cost;
  }
  return best;
}

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
  const Row one_row = row_of<kRows / 2 / V, V, MASK>(best_windows(p.ow / 2, V));
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
