// The gradient of the weights of a convolution of few input channels with 2 x 2 max pooling behind it. Only the
// products of the pixel that was the largest are computed, a quarter of all: the inputs under the four pixels of a
// window lie side by side, and each channel picks its own.
#include "ops/pool2d.h"
#include "wide/conv2d_few_units.h"
#include "wide/micro.h"

namespace ek::EK_ISA {
namespace {
// to[r][i] = in[r][i], in[r][i + step], in[r + below][i], in[r + below][i + step]: what the pixels of a window have
// under a tap, in rows of `row` of which the last `step` are left out.
void gather_windows(const float* in, int64_t in_row, int64_t rows, int64_t row, int64_t step, int64_t below,
                    float* to) {
  const int64_t n = row - step;
  for (int64_t r = 0; r < rows; ++r, in += in_row, to += row * kFewWindow) {
    const float* q[] = {in, in + step, in + below * in_row, in + below * in_row + step};
    if (n < kFewWindow) {
      for (int64_t i = 0; i < n * kFewWindow; ++i) to[i] = q[i % kFewWindow][i / kFewWindow];
      continue;
    }
    for (int64_t i = 0; i < n; i += kFewWindow) {
      const int64_t at = smaller(i, n - kFewWindow);
      __m128 a = _mm_loadu_ps(q[0] + at), b = _mm_loadu_ps(q[1] + at), c = _mm_loadu_ps(q[2] + at),
             d = _mm_loadu_ps(q[3] + at);
      _MM_TRANSPOSE4_PS(a, b, c, d);
      float* p = to + at * kFewWindow;
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

#if defined(__AVX512F__)
// pick of four neighbours, of which a vector holds the windows: tap k at lane l is x[4 k + position[l]].
struct Fours {
  explicit Fours(vf position) {
    const __m512i p = _mm512_and_si512(_mm512_cvtps_epi32(position), _mm512_set1_epi32(kFewWindow - 1));
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) at[k] = _mm512_add_epi32(p, _mm512_set1_epi32(k * kFewWindow));
  }
  __m512i at[4];
};
#endif

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
  const int64_t step = 2 * int64_t{p.s.stride_w} * p.s.c * kFewWindow, columns = p.ow / 2, o = p.s.o;
  const float* gy = u.gy;
  const uint8_t* position = u.position;
  for (int64_t r = 0; r < u.rows; ++r) {
    const float* x = u.x + r * 2 * p.s.stride_h * p.row * kFewWindow;
    for (int64_t i = 0; i < columns; ++i, x += step, gy += o, position += o) {
      const vf at = lanes.get(position);
      f(x, keep(ne(at, set(kFewWindow)), lanes.get(gy)), at);
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

#if defined(__AVX512F__)
// The same of ROWS kernel rows of RUN taps that are neighbours, `down` floats apart. The last four of a run overlap
// those before.
template <int RUN, int ROWS, class Lanes>
void rows_of_taps(const FewPlan& p, const Pooled& u, Lanes lanes, int64_t down, float* g) {
  vf a[ROWS * RUN];
#pragma GCC unroll 32
  for (int t = 0; t < ROWS * RUN; ++t) a[t] = load(g + t * p.block);
  for_pooled(p, u, lanes, [&](const float* x, vf gradient, vf position) {
    const Fours fours(position);
#pragma GCC unroll 9
    for (int i = 0; i < ROWS; ++i, x += down)
#pragma GCC unroll 3
      for (int j = 0; j < RUN; j += 4) {
        const int from = RUN < 4 ? 0 : j + 4 < RUN ? j : RUN - 4;
        const vf windows = load(x + from * kFewWindow);
#pragma GCC unroll 4
        for (int k = 0; k < 4; ++k)
          if (j + k < RUN) {
            vf& sum = a[i * RUN + j + k];
            sum = fma(_mm512_permutexvar_ps(fours.at[j + k - from], windows), gradient, sum);
          }
      }
  });
#pragma GCC unroll 32
  for (int t = 0; t < ROWS * RUN; ++t) store(g + t * p.block, a[t]);
}

template <int RUN, int ROWS, class Lanes>
void rows_of_taps_of(int64_t rows, const FewPlan& p, const Pooled& u, Lanes lanes, int64_t down, float* g) {
  if constexpr (ROWS > 1)
    if (rows < ROWS) return rows_of_taps_of<RUN, ROWS - 1>(rows, p, u, lanes, down, g);
  rows_of_taps<RUN, ROWS>(p, u, lanes, down, g);
}

template <int RUN, class Lanes>
void all_rows_of_taps(const FewPlan& p, Pooled u, Lanes lanes, float* g) {
  enum { kMost = 25 / RUN };
  const int64_t groups = ceil_div(p.s.kh, kMost), down = kFewWindow * p.s.dilation_h * p.row;
  for (int64_t k = 0; k < groups; ++k) {
    const int64_t from = cut(p.s.kh, groups, k), rows = cut(p.s.kh, groups, k + 1) - from;
    rows_of_taps_of<RUN, kMost>(rows, p, {u.x + from * down, u.gy, u.position, u.rows}, lanes, down,
                                g + from * RUN * p.block);
  }
}
#endif

// One vector of channels: row 0 of g sums gy, row t + 1 is tap t.
template <class Lanes>
void gradients(const FewPlan& p, const Pooled& u, Lanes lanes, float* g) {
  vf sum = load(g);
  for_pooled(p, u, lanes, [&](const float*, vf gradient, vf) { sum = add(sum, gradient); });
  store(g, sum);
  g += p.block;
#if defined(__AVX512F__)
  if (p.runs == 1) {
    if (p.run == 3) return all_rows_of_taps<3>(p, u, lanes, g);
    if (p.run == 5) return all_rows_of_taps<5>(p, u, lanes, g);
    if (p.run == 7) return all_rows_of_taps<7>(p, u, lanes, g);
    if (p.run == 9) return all_rows_of_taps<9>(p, u, lanes, g);
  }
#endif
  constexpr int kMost = kRows == 12 ? 27 : kRows * 2;  // sums that fit into registers beside what a tap needs
  const int64_t line = int64_t{p.s.kw} * p.s.c, groups = ceil_div(p.taps, kMost);
  for (int64_t k = 0; k < groups; ++k) {
    const int64_t from = cut(p.taps, groups, k), count = cut(p.taps, groups, k + 1) - from;
    int64_t offset[kMost];
    for (int64_t t = 0; t < count; ++t) {
      const int64_t tap = from + t, i = tap / line, j = tap % line / p.s.c;
      offset[t] = kFewWindow * (i * p.s.dilation_h * p.row + j * p.s.dilation_w * p.s.c + tap % p.s.c);
    }
    taps_of<kMost>(count, p, u, lanes, offset, g + from * p.block);
  }
}
}  // namespace

void few_max_pool_grad(const FewPlan& p, const float* x, const float* gy, const uint8_t* position, float* part,
                       float* scratch) {
  for_units(p, x, scratch, [=, &p](Input in, int64_t first, int64_t rows, int64_t chunk) {
    float* gathered = scratch + (chunk + 1) * p.chunk_floats - few_windows_room(p);
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
