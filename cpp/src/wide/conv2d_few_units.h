// What kernels of convolutions of few input channels share: the units that work is cut into, the input under each, and
// vectors of channels of which the last may be cut short.
#pragma once
#include "elementwise.h"
#include "wide/conv2d_few.h"

namespace ek::EK_ISA {
// Input under a unit: x lies under the first tap of its first output.
struct Input {
  const float* x;
  int64_t row;  // floats from row to row
};

static inline Input padded(const FewPlan& p, const float* x, int64_t unit, float* scratch) {
  const ek_conv2d_shape& s = p.s;
  const int64_t line = int64_t{s.w} * s.c, h0 = unit % p.bands * p.band * s.stride_h - s.pad_top;
  const float* image = x + unit / p.bands * s.h * line;
  if (!(s.pad_top | s.pad_left | s.pad_bottom | s.pad_right)) return {image + h0 * line, line};
  const int64_t left = smaller(int64_t{s.pad_left} * s.c, p.row), inside = smaller(line, p.row - left);
  for (int64_t r = 0; r < p.rows; ++r) {
    float* to = scratch + r * p.row;
    memset(to, 0, p.row * sizeof(float));
    if (h0 + r >= 0 && h0 + r < s.h) memcpy(to + left, image + (h0 + r) * line, inside * sizeof(float));
  }
  return {scratch, p.row};
}

// f(input, output row counted over all images, rows, chunk) for every unit.
template <class F>
static inline void for_units(const FewPlan& p, const float* x, float* scratch, const F& f) {
  parallel(p.chunks, 1, [=, &p](int64_t chunk, int64_t) {
    const int64_t units = p.s.n * p.bands;
    for (int64_t u = units * chunk / p.chunks; u < units * (chunk + 1) / p.chunks; ++u) {
      const int64_t first = u % p.bands * p.band;
      f(padded(p, x, u, scratch + chunk * p.chunk_floats), u / p.bands * p.oh + first, smaller(p.band, p.oh - first),
        chunk);
    }
  });
}

// Vector v of a block, of which `lanes` exist (all of them unless MASK).
template <bool MASK>
EK_INLINE void store_lanes(float* p, vf x, int v, int64_t lanes) {
  const int64_t n = lanes - v * VF;
  if (!MASK || n >= VF)
    store(p + v * VF, x);
  else if (n > 0)
    store_part(p + v * VF, x, n);
}
template <bool MASK>
EK_INLINE vf load_lanes(const float* p, int v, int64_t lanes) {
  const int64_t n = lanes - v * VF;
  return !MASK || n >= VF ? load(p + v * VF) : n > 0 ? load_part(p + v * VF, n) : zero();
}

// a += x w of one tap, for R outputs by V vectors of channels. With ANEW inputs are loaded for each tap again: the
// compiler, where it sees which of them the next one shares, would keep these in more registers than there are.
template <bool ANEW, int R, int V, class At>
EK_INLINE void add_tap(const float* x, const float* w, const At& at, vf (&a)[R][V]) {
  if (ANEW) asm("" : "+r"(x));
  vf k[V];
#pragma GCC unroll 2
  for (int v = 0; v < V; ++v) k[v] = load(w + v * VF);
#pragma GCC unroll 24
  for (int r = 0; r < R; ++r) {
    const vf u = broadcast(x + at(r));
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) a[r][v] = fma(u, k[v], a[r][v]);
  }
}

// a = b + sum over taps of x w; output r has its first tap at x + at(r). Runs of three have no loop: those of kernels
// three wide of one channel.
template <bool ANEW = false, int R, int V, class At>
EK_INLINE void sum_taps(const FewPlan& p, const float* x, int64_t row, const float* w, const float* b, const At& at,
                        vf (&a)[R][V]) {
  const int64_t down = p.s.dilation_h * row, right = int64_t{p.s.dilation_w} * p.s.c;
#pragma GCC unroll 24
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) a[r][v] = load(b + v * VF);
  if (V > 1 && p.runs == 1 && p.run == 3) {
    for (int i = 0; i < p.s.kh; ++i, x += down, w += 3 * V * VF)
#pragma GCC unroll 3
      for (int j = 0; j < 3; ++j) add_tap<ANEW>(x + j, w + j * V * VF, at, a);
    return;
  }
  for (int i = 0; i < p.s.kh; ++i)
    for (int64_t j = 0; j < p.runs; ++j) {
      const float *q = x + i * down + j * right, *end = q + p.run;
      for (; q < end; ++q, w += V * VF) add_tap<ANEW>(q, w, at, a);
    }
}

// The number r of groups at a time, of those that there are kernels for, or 1, for which a row of n costs least. A tap
// takes as long as its products, so many for a group, but not less than eight, which are under way at once; two more
// stand for what a call costs.
template <class Has>
static inline int best_groups(int64_t n, int most, int products, const Has& has) {
  int best = 1;
  int64_t least = n * (larger(products, 8) + 2);
  for (int r = most; r > 1; --r) {
    const int64_t cost = ceil_div(n, r) * (larger(r * products, 8) + 2);
    if (r <= n && has(r) && cost < least) best = r, least = cost;
  }
  return best;
}
}  // namespace ek::EK_ISA
