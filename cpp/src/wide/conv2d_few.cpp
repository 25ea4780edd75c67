// Direct convolution of few input channels and its weight gradient: a vector holds output channels, and input floats
// are broadcast. Tap (i, j, ch) is row i, column j and channel ch of the kernel.
#include "ops/activation.h"
#include "wide/conv2d_few_units.h"
#include "wide/micro.h"

namespace ek::EK_ISA {
// R pixels of one row by V vectors of channels. STEP is the floats from one pixel's input to the next one's, or 0 where
// the plan has them: known beforehand they cost no arithmetic, of which there is as much as of products otherwise.
template <int R, int V, bool MASK, int STEP>
EK_INLINE void pixels(const FewPlan& p, const float* x, int64_t row, const float* w, const float* b, float* y) {
  const int64_t step = STEP ? STEP : int64_t{p.s.stride_w} * p.s.c, o = p.s.o;
  vf a[R][V];
  sum_taps<STEP != 0>(
      p, x, row, w, b, [=](int r) EK_FLAT { return r * step; }, a);
  const float ceiling = p.ceiling;
  if (ceiling > 0) {
#pragma GCC unroll 14
    for (int r = 0; r < R; ++r)
#pragma GCC unroll 2
      for (int v = 0; v < V; ++v) a[r][v] = rectified(a[r][v], ceiling);
  }
#pragma GCC unroll 14
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) store_lanes<MASK>(y + r * o, a[r][v], v, o);
}

// A row of outputs, R pixels at a time; the last ones overlap those before.
template <int R, int V, bool MASK, int STEP>
static void pixel_row(const FewPlan& p, const float* x, int64_t row, const float* w, const float* b, float* y) {
  const int64_t step = int64_t{p.s.stride_w} * p.s.c;
  for (int64_t i = 0; i < p.ow; i += R) {
    const int64_t at = smaller(i, p.ow - R);
    pixels<R, V, MASK, STEP>(p, x + at * step, row, w, b, y + at * p.s.o);
  }
}

// Pixels at a time that registers hold: a block's accumulators, its weights and one input.
constexpr int most_pixels(int vectors) { return vectors == 1 ? 12 : kRows == 12 ? 14 : kRows; }

constexpr bool has_pixels(int r) { return r >= 4 && r != 9 && r != 11 && r != 13; }

typedef void (*Row)(const FewPlan&, const float*, int64_t, const float*, const float*, float*);

template <int R, int V, bool MASK, int STEP>
static Row row_of(int pixels) {
  if constexpr (R == 1)
    return pixel_row<1, V, MASK, STEP>;
  else if constexpr (has_pixels(R))
    return pixels == R ? pixel_row<R, V, MASK, STEP> : row_of<R - 1, V, MASK, STEP>(pixels);
  else
    return row_of<R - 1, V, MASK, STEP>(pixels);
}

template <int V, bool MASK>
static void forward(const FewPlan& p, const float* x, const float* w, const float* b, float* y, float* scratch) {
  constexpr int kMost = most_pixels(V);
  const int at_once = best_groups(p.ow, kMost, V, has_pixels);
  const Row one_row =
      p.s.stride_w * p.s.c == 1 ? row_of<kMost, V, MASK, 1>(at_once) : row_of<kMost, V, MASK, 0>(at_once);
  for_units(p, x, scratch, [=, &p](Input in, int64_t first, int64_t rows, int64_t) {
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t k = 0; k < p.blocks; ++k)
        one_row(p, in.x + r * p.s.stride_h * in.row, in.row, w + k * p.taps * p.block, b + k * p.block,
                y + (first + r) * p.ow * p.s.o + few_start(p, k));
  });
}

constexpr int64_t kAhead = 24;  // pixels that gy is asked for ahead: where it is large it waits for memory

// g += sum over rows of pixels of x at T taps times V vectors of gy; FIRST has 1 in the place of the first of them
template <int T, int V, bool MASK, bool FIRST>
EK_INLINE void taps(const FewPlan& p, Input in, const int64_t* offset, const float* gy, int64_t rows, float* g) {
  const int64_t step = int64_t{p.s.stride_w} * p.s.c, end = p.ow * step, o = p.s.o;
  vf a[T][V];
#pragma GCC unroll 12
  for (int t = 0; t < T; ++t)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) a[t][v] = load(g + (t * V + v) * VF);
  for (int64_t r = 0; r < rows; ++r) {
    const float* x = in.x + r * p.s.stride_h * in.row;
    const float* q[T];
#pragma GCC unroll 12
    for (int t = 0; t < T; ++t) q[t] = x + offset[t];
    for (int64_t i = 0; i < end; i += step, gy += o) {
      vf k[V];
#pragma GCC unroll 2
      for (int v = 0; v < V; ++v) {
        __builtin_prefetch(gy + kAhead * o + v * VF);
        k[v] = load_lanes<MASK>(gy, v, o);
      }
#pragma GCC unroll 12
      for (int t = FIRST; t < T; ++t) {
        const vf u = broadcast(q[t] + i);
#pragma GCC unroll 2
        for (int v = 0; v < V; ++v) a[t][v] = fma(u, k[v], a[t][v]);
      }
#pragma GCC unroll 2
      for (int v = 0; FIRST && v < V; ++v) a[0][v] = add(a[0][v], k[v]);
    }
  }
#pragma GCC unroll 12
  for (int t = 0; t < T; ++t)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) store(g + (t * V + v) * VF, a[t][v]);
}

template <int V, bool MASK, bool FIRST>
EK_INLINE void taps(int64_t count, const FewPlan& p, Input in, const int64_t* offset, const float* gy, int64_t rows,
                    float* g) {
  if (count > kRows * 5 / 6)
    taps<kRows, V, MASK, FIRST>(p, in, offset, gy, rows, g);
  else if (count > kRows * 2 / 3)
    taps<kRows * 5 / 6, V, MASK, FIRST>(p, in, offset, gy, rows, g);
  else if (count > kRows / 3)
    taps<kRows * 2 / 3, V, MASK, FIRST>(p, in, offset, gy, rows, g);
  else
    taps<kRows / 3, V, MASK, FIRST>(p, in, offset, gy, rows, g);
}

// One block of output channels: row 0 of g sums gy, row t + 1 is tap t, kRows of them at a time; what is missing of the
// last ones repeats the last tap, into rows of g that nobody reads.
template <int V, bool MASK>
static void block_taps(const FewPlan& p, Input in, const float* gy, int64_t rows, float* g) {
  const int64_t line = int64_t{p.s.kw} * p.s.c;
  for (int64_t begin = 0; begin <= p.taps; begin += kRows, g += kRows * V * VF) {
    int64_t at[kRows];
    for (int64_t t = 0; t < kRows; ++t) {
      const int64_t tap = larger(0, smaller(begin + t, p.taps) - 1), i = tap / line, j = tap % line / p.s.c;
      at[t] = i * p.s.dilation_h * in.row + j * p.s.dilation_w * p.s.c + tap % p.s.c;
    }
    const int64_t left = p.taps + 1 - begin;
    if (begin == 0)
      taps<V, MASK, true>(left, p, in, at, gy, rows, g);
    else
      taps<V, MASK, false>(left, p, in, at, gy, rows, g);
  }
}

template <int V, bool MASK>
static void grad_weight(const FewPlan& p, const float* x, const float* gy, float* part, float* scratch) {
  const int64_t block = p.tap_rows * p.block;
  const int64_t strip = larger(1, 4096 / (p.ow * p.block));  // rows whose block of gy stays in L1 over all taps
  for_units(p, x, scratch, [=, &p](Input in, int64_t first, int64_t rows, int64_t chunk) {
    for (int64_t r = 0; r < rows; r += strip) {
      const Input from = {in.x + r * p.s.stride_h * in.row, in.row};
      const float* g = gy + (first + r) * p.ow * p.s.o;
      for (int64_t k = 0; k < p.blocks; ++k)
        block_taps<V, MASK>(p, from, g + few_start(p, k), smaller(strip, rows - r),
                            part + (chunk * p.blocks + k) * block);
    }
  });
}

void few_forward(const FewPlan& p, const float* x, const float* w, const float* b, float* y, float* scratch) {
  const bool mask = p.s.o < p.block;
  const auto run =
      p.block == VF ? (mask ? forward<1, true> : forward<1, false>) : (mask ? forward<2, true> : forward<2, false>);
  run(p, x, w, b, y, scratch);
}

void few_grad_weight(const FewPlan& p, const float* x, const float* gy, float* part, float* scratch) {
  const bool mask = p.s.o < p.block;
  const auto run = p.block == VF ? (mask ? grad_weight<1, true> : grad_weight<1, false>)
                                 : (mask ? grad_weight<2, true> : grad_weight<2, false>);
  run(p, x, gy, part, scratch);
}
}  // namespace ek::EK_ISA
