// Convolution of one-channel images in planes, and its weight gradient.
#include "conv2d_planar.h"
#include "elementwise.h"

namespace ek::EK_ISA {
void planar_image(const PlanarPlan& p, const float* x, float* to) {
  const ek_conv2d_shape& s = p.s;
  memset(to, 0, p.image * sizeof(float));
  const int64_t lines = smaller(s.h, p.image / p.pitch - s.pad_top), inside = smaller(s.w, p.pitch - s.pad_left);
  for (int64_t r = 0; r < lines && inside > 0; ++r)
    memcpy(to + (s.pad_top + r) * p.pitch + s.pad_left, x + r * s.w, inside * sizeof(float));
}

// C channels by V vectors of a row. The fewer of weights and pixels stay in registers beside the sums.
template <int C, int V>
EK_INLINE void strip(const PlanarPlan& p, const float* x, const float* w, const float* b, float* y) {
  const int64_t down = p.s.dilation_h * p.pitch, right = p.s.dilation_w;
  vf a[C][V];
#pragma GCC unroll 8
  for (int c = 0; c < C; ++c)
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) a[c][v] = broadcast(b + c);
  for (int i = 0; i < p.s.kh; ++i) {
    const float* q = x + i * down;
    for (int j = 0; j < p.s.kw; ++j, q += right, w += C) {
      if constexpr (C < V) {
        vf k[C];
#pragma GCC unroll 8
        for (int c = 0; c < C; ++c) k[c] = broadcast(w + c);
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) {
          const vf u = load(q + v * VF);
#pragma GCC unroll 8
          for (int c = 0; c < C; ++c) a[c][v] = fma(u, k[c], a[c][v]);
        }
      } else {
        vf u[V];
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) u[v] = load(q + v * VF);
#pragma GCC unroll 8
        for (int c = 0; c < C; ++c) {
          const vf k = broadcast(w + c);
#pragma GCC unroll 8
          for (int v = 0; v < V; ++v) a[c][v] = fma(u[v], k, a[c][v]);
        }
      }
    }
  }
#pragma GCC unroll 8
  for (int c = 0; c < C; ++c)
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) store(y + c * 2 * p.width + v * VF, a[c][v]);
}

typedef void (*Strips)(const PlanarPlan&, const float*, const float*, const float*, float*);

// Both rows and all blocks of a strip.
template <int C, int V>
static void strips(const PlanarPlan& p, const float* x, const float* w, const float* b, float* y) {
  for (int64_t r = 0; r < 2; ++r)
    for (int64_t k = 0; k < p.blocks; ++k)
      strip<C, V>(p, x + r * p.pitch, w + k * p.taps * C, b + k * C, y + (k * C * 2 + r) * p.width);
}

template <int C, int V>
static Strips strips_of(int64_t vectors) {
  if constexpr (V > 1)
    return vectors == V ? strips<C, V> : strips_of<C, V - 1>(vectors);
  else
    return strips<C, 1>;
}

// Rows are cut into nearly even strips of at most V vectors.
template <int C, int V>
static void cut_strips(const PlanarPlan& p, const float* x, const float* w, const float* b, float* y) {
  const int64_t vectors = p.width / VF, count = ceil_div(vectors, V);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t from = cut(vectors, count, i), size = cut(vectors, count, i + 1) - from;
    strips_of<C, V>(size)(p, x + from * VF, w, b, y + from * VF);
  }
}

void planar_rows(const PlanarPlan& p, const float* x, const float* w, const float* b, float* y) {
  if (p.block == 3)
    cut_strips<3, 4>(p, x, w, b, y);
  else if (p.block == 4)
    cut_strips<4, 3>(p, x, w, b, y);
  else
    cut_strips<6, 2>(p, x, w, b, y);
}

// T taps by B planes; the fewer of them stay in registers.
template <int B, int T>
EK_INLINE void tap_sums(const PlanarPlan& p, const float* const* x, const float* gy, float* sums) {
  const int64_t plane = p.rows * p.width, row = (1 + p.taps) * VF;
  vf a[B][T];
#pragma GCC unroll 8
  for (int b = 0; b < B; ++b)
#pragma GCC unroll 8
    for (int t = 0; t < T; ++t) a[b][t] = load(sums + b * row + t * VF);
  for (int64_t r = 0; r < p.rows; ++r, gy += p.width)
    for (int64_t i = 0; i < p.width; i += VF) {
      const int64_t at = r * p.pitch + i;
      if constexpr (B <= T) {
        vf g[B];
#pragma GCC unroll 8
        for (int b = 0; b < B; ++b) g[b] = load(gy + b * plane + i);
#pragma GCC unroll 8
        for (int t = 0; t < T; ++t) {
          const vf u = load(x[t] + at);
#pragma GCC unroll 8
          for (int b = 0; b < B; ++b) a[b][t] = fma(u, g[b], a[b][t]);
        }
      } else {
        vf u[T];
#pragma GCC unroll 8
        for (int t = 0; t < T; ++t) u[t] = load(x[t] + at);
#pragma GCC unroll 8
        for (int b = 0; b < B; ++b) {
          const vf g = load(gy + b * plane + i);
#pragma GCC unroll 8
          for (int t = 0; t < T; ++t) a[b][t] = fma(u[t], g, a[b][t]);
        }
      }
    }
#pragma GCC unroll 8
  for (int b = 0; b < B; ++b)
#pragma GCC unroll 8
    for (int t = 0; t < T; ++t) store(sums + b * row + t * VF, a[b][t]);
}

template <int B, int T>
static void tap_sums_of(int64_t taps, const PlanarPlan& p, const float* const* x, const float* gy, float* sums) {
  if constexpr (T > 1)
    if (taps < T) return tap_sums_of<B, T - 1>(taps, p, x, gy, sums);
  tap_sums<B, T>(p, x, gy, sums);
}

// The taps in nearly even groups of at most T.
template <int B, int T>
static void planes(const PlanarPlan& p, const float* x, const float* gy, float* sums) {
  const int64_t groups = ceil_div(p.taps, T);
  for (int64_t k = 0; k < groups; ++k) {
    const int64_t from = cut(p.taps, groups, k), count = cut(p.taps, groups, k + 1) - from;
    const float* at[T];
    for (int64_t t = 0; t < count; ++t)
      at[t] = x + (from + t) / p.s.kw * p.s.dilation_h * p.pitch + (from + t) % p.s.kw * p.s.dilation_w;
    tap_sums_of<B, T>(count, p, at, gy, sums + (1 + from) * VF);
  }
}

void planar_grad_weight(const PlanarPlan& p, const float* x, const float* gy, int64_t count, float* sums) {
  (count > 2 ? planes<4, 3> : planes<2, 6>)(p, x, gy, sums);
}
}  // namespace ek::EK_ISA
