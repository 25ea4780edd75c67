// Convolution of few input channels with 2 x 2 max pooling behind it, and the gradient of its weights. Outputs that are
// pooled meet in registers; on the way back only the products of the pixel that was the largest are computed, a quarter
// of all: the inputs under the four pixels of a window lie side by side, and each channel picks its own.
#include "ops/pool2d.h"
#include "wide/conv2d_few_units.h"
#include "wide/micro.h"

namespace ek::EK_ISA {
namespace {
constexpr int kWindow = 4;  // pixels, in rows of two
constexpr float kNone = kWindow;

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

// to[r][i] = in[r][i], in[r][i + step], in[r + below][i], in[r + below][i + step]: what the pixels of a window have
// under a tap, in rows of `row` of which the last `step` are left out.
void gather_windows(const float* in, int64_t in_row, int64_t rows, int64_t row, int64_t step, int64_t below,
                    float* to) {
  const int64_t n = row - step;
  for (int64_t r = 0; r < rows; ++r, in += in_row, to += row * kWindow) {
    const float* q[] = {in, in + step, in + below * in_row, in + below * in_row + step};
    if (n < kWindow) {
      for (int64_t i = 0; i < n * kWindow; ++i) to[i] = q[i % kWindow][i / kWindow];
      continue;
    }
    for (int64_t i = 0; i < n; i += kWindow) {
      const int64_t at = smaller(i, n - kWindow);
      __m128 a = _mm_loadu_ps(q[0] + at), b = _mm_loadu_ps(q[1] + at), c = _mm_loadu_ps(q[2] + at),
             d = _mm_loadu_ps(q[3] + at);
      _MM_TRANSPOSE4_PS(a, b, c, d);
      float* p = to + at * kWindow;
      _mm_storeu_ps(p, a), _mm_storeu_ps(p + 4, b), _mm_storeu_ps(p + 8, c), _mm_storeu_ps(p + 12, d);
    }
  }
}

// Lane l of x[position[l]]; positions are floats.
EK_INLINE vf pick(const float* x, vf position) {
#if defined(__AVX512F__)
  return _mm512_permutevar_ps(_mm512_broadcast_f32x4(_mm_loadu_ps(x)), _mm512_cvtps_epi32(position));
#else
  return _mm256_permutevar_ps(_mm256_broadcast_ps(reinterpret_cast<const __m128*>(x)), _mm256_cvtps_epi32(position));
#endif
}

// Pooled rows of a unit: the gathered windows under its first tap, gradients and positions.
struct Pooled {
  const float* x;
  const float* gy;
  const uint8_t* position;
  int64_t rows;
};

// f(windows under a pixel, its gradient, zero where nothing passes, its position) for every pooled pixel.
template <class Lanes, class F>
EK_INLINE void for_pooled(const FewPlan& p, const Pooled& u, Lanes lanes, const F& f) {
  const int64_t step = 2 * int64_t{p.s.stride_w} * p.s.c * kWindow, columns = p.ow / 2, o = p.s.o;
  const float* gy = u.gy;
  const uint8_t* position = u.position;
  for (int64_t r = 0; r < u.rows; ++r) {
    const float* x = u.x + r * 2 * p.s.stride_h * p.row * kWindow;
    for (int64_t i = 0; i < columns; ++i, x += step, gy += o, position += o) {
      const vf at = lanes.get(position);
      f(x, keep(ne(at, set(kNone)), lanes.get(gy)), at);
    }
  }
}

// g (tap, lane) += gradients of T taps
template <int T, class Lanes>
void taps(const FewPlan& p, const Pooled& u, Lanes lanes, const int64_t* offset, float* g) {
  vf a[T];
#pragma GCC unroll 32
  for (int t = 0; t < T; ++t) a[t] = load(g + t * p.block);
  for_pooled(p, u, lanes, [&](const float* x, vf gradient, vf at) {
    asm("" : "+r"(offset));  // to be loaded each time: hoisted, they would be moved through vector registers
#pragma GCC unroll 32
    for (int t = 0; t < T; ++t) a[t] = fma(pick(x + offset[t], at), gradient, a[t]);
  });
#pragma GCC unroll 32
  for (int t = 0; t < T; ++t) store(g + t * p.block, a[t]);
}

template <int T, class Lanes>
void taps_of(int64_t count, const FewPlan& p, const Pooled& u, Lanes lanes, const int64_t* offset, float* g) {
  if constexpr (T > 1)
    if (count < T) return taps_of<T - 1>(count, p, u, lanes, offset, g);
  taps<T>(p, u, lanes, offset, g);
}

// One vector of channels: row 0 of g sums gy, row t + 1 is tap t. The taps in nearly even groups.
template <class Lanes>
void gradients(const FewPlan& p, const Pooled& u, Lanes lanes, float* g) {
  constexpr int kMost = kRows == 12 ? 27 : kRows * 2;  // sums that fit into registers beside what a tap needs
  vf sum = load(g);
  for_pooled(p, u, lanes, [&](const float*, vf gradient, vf) { sum = add(sum, gradient); });
  store(g, sum);
  const int64_t line = int64_t{p.s.kw} * p.s.c, groups = ceil_div(p.taps, kMost);
  for (int64_t k = 0; k < groups; ++k) {
    const int64_t from = cut(p.taps, groups, k), count = cut(p.taps, groups, k + 1) - from;
    int64_t offset[kMost];
    for (int64_t t = 0; t < count; ++t) {
      const int64_t tap = from + t, i = tap / line, j = tap % line / p.s.c;
      offset[t] = kWindow * (i * p.s.dilation_h * p.row + j * p.s.dilation_w * p.s.c + tap % p.s.c);
    }
    taps_of<kMost>(count, p, u, lanes, offset, g + (1 + from) * p.block);
  }
}
}  // namespace

void few_max_pool(const FewPlan& p, const float* x, const float* w, const float* b, float* y, uint8_t* position,
                  float* scratch) {
  const bool mask = p.s.o < p.block;
  const auto run =
      p.block == VF ? (mask ? forward<1, true> : forward<1, false>) : (mask ? forward<2, true> : forward<2, false>);
  run(p, x, w, b, y, position, scratch);
}

void few_max_pool_grad(const FewPlan& p, const float* x, const float* gy, const uint8_t* position, float* part,
                       float* scratch) {
  for_units(p, x, scratch, [=, &p](Input in, int64_t first, int64_t rows, int64_t chunk) {
    float* gathered = scratch + (chunk + 1) * p.chunk_floats - p.rows * p.row * kWindow;
    const ek_conv2d_shape& s = p.s;
    const int64_t tops = (rows - 2) * s.stride_h + (s.kh - 1) * int64_t{s.dilation_h} + 1;
    gather_windows(in.x, in.row, tops, p.row, int64_t{s.stride_w} * s.c, s.stride_h, gathered);
    for (int64_t k = 0; k < p.blocks; ++k)
      for (int64_t v = 0; v < p.block && v < s.o; v += VF) {
        const int64_t at = first / 2 * (p.ow / 2) * s.o + few_start(p, k) + v, lanes = s.o - few_start(p, k) - v;
        const Pooled u = {gathered, gy + at, position + at, rows / 2};
        float* g = part + (chunk * p.blocks + k) * p.tap_rows * p.block + v;
        lanes >= VF ? gradients(p, u, Whole{}, g) : gradients(p, u, Part{lanes}, g);
      }
  });
}
}  // namespace ek::EK_ISA
