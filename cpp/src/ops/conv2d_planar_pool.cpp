// Activation and pooling of rows that lie in planes: forward beside gradient.
#include "activation.h"
#include "conv2d_planar.h"
#include "pool2d.h"
#include "vmath.h"

namespace ek::EK_ISA {
// Pixels 0, 2, 4, … and 1, 3, 5, … of VF pairs.
struct Pairs {
  vf even, odd;
};
#if defined(__AVX2__)
EK_INLINE Pairs load_pairs(const float* p) {
  const vf a = load(p), b = load(p + VF);
  const auto in_order = [](vf v) {
    return _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(v), _MM_SHUFFLE(3, 1, 2, 0)));
  };
  return {in_order(_mm256_shuffle_ps(a, b, 0x88)), in_order(_mm256_shuffle_ps(a, b, 0xDD))};
}
EK_INLINE void store_pairs(float* p, Pairs v, bool both) {
  const vf a = _mm256_unpacklo_ps(v.even, v.odd), b = _mm256_unpackhi_ps(v.even, v.odd);
  store(p, _mm256_permute2f128_ps(a, b, 0x20));
  if (both) store(p + VF, _mm256_permute2f128_ps(a, b, 0x31));
}
#else
EK_INLINE Pairs load_pairs(const float* p) { return {p[0], p[1]}; }
EK_INLINE void store_pairs(float* p, Pairs v, bool) { p[0] = v.even, p[1] = v.odd; }
#endif

// f(plane, pair of rows, pooled column, lanes) for every vector of pooled pixels.
template <class F>
EK_INLINE void for_pooled(const PlanarRows& p, const F& f) {
  for (int64_t c = 0; c < p.planes; ++c)
    for (int64_t r = 0; r < p.pairs; ++r) {
      int64_t i = 0;
      for (; i + VF <= p.columns; i += VF) f(c, r, i, Whole{});
      if (i < p.columns) f(c, r, i, Part{p.columns - i});
    }
}

// The gradient of pooled pixels to the rows above, and to the lanes of its plane's sum.
EK_INLINE void spread(const PlanarRows& p, int64_t i, Pairs a, Pairs b, float* gx, float* sum) {
  const bool both = 2 * i + VF < p.width;
  store_pairs(gx, a, both), store_pairs(gx + p.width, b, both);
  store(sum, add(load(sum), add(add(a.even, a.odd), add(b.even, b.odd))));
}

// Where the first of the two rows under pooled pixels is, and where those are.
EK_INLINE int64_t row_at(const PlanarRows& p, int64_t c, int64_t r, int64_t i) {
  return c * p.plane + 2 * r * p.width + 2 * i;
}
EK_INLINE int64_t pooled_at(const PlanarRows& p, int64_t c, int64_t r, int64_t i) {
  return c * p.pooled + r * p.columns + i;
}

template <class F>
static void average(const PlanarRows& p, float* x, float* y, float* kept, int64_t kept_plane, const F& activate) {
  for (int64_t c = 0; kept && c < p.planes; ++c)
    for (int64_t i = 0; i < 2 * p.pairs * p.width; i += VF) {
      const vf v = activate(load(x + c * p.plane + i));
      store(x + c * p.plane + i, v), store(kept + c * kept_plane + i, v);
    }
  for_pooled(p, [=, &p](int64_t c, int64_t r, int64_t i, auto lanes) {
    const float* q = x + row_at(p, c, r, i);
    const Pairs a = load_pairs(q), b = load_pairs(q + p.width);
    lanes.put(y + pooled_at(p, c, r, i), mul(add(add(add(a.even, a.odd), b.even), b.odd), set(0.25f)));
  });
}

void planar_average(const PlanarRows& p, int activation, float* x, float* y, float* kept, int64_t kept_plane) {
  const auto run = [&](float* to, auto activate) { average(p, x, y, to, kept_plane, activate); };
  switch (activation) {
    case EK_RELU:
      return run(kept, [](vf v) { return max(zero(), v); });
    case EK_TANH:
      return run(kept, [](vf v) { return tanh(v); });
    case EK_SIGMOID:
      return run(kept, [](vf v) { return sigmoid(v); });
    default:
      return run(nullptr, [](vf v) { return v; });
  }
}

template <class F>
static void average_grad(const PlanarRows& p, const float* gy, const float* kept, float* gx, float* sums,
                         int64_t sum_row, const F& back) {
  for_pooled(p, [=, &p](int64_t c, int64_t r, int64_t i, auto lanes) {
    const int64_t at = row_at(p, c, r, i);
    const vf g = mul(lanes.get(gy + pooled_at(p, c, r, i)), set(0.25f));
    Pairs a = {g, g}, b = {g, g};
    if (kept) {
      const Pairs u = load_pairs(kept + at), v = load_pairs(kept + at + p.width);
      a = {back(u.even, g), back(u.odd, g)}, b = {back(v.even, g), back(v.odd, g)};
    }
    spread(p, i, a, b, gx + at, sums + c * sum_row);
  });
}

void planar_average_grad(const PlanarRows& p, int activation, const float* gy, const float* kept, float* gx,
                         float* sums, int64_t sum_row) {
  const auto run = [&](const float* y, auto back) { average_grad(p, gy, y, gx, sums, sum_row, back); };
  switch (activation) {
    case EK_RELU:
      return run(kept, [](vf y, vf g) { return relu_back(y, g); });
    case EK_TANH:
      return run(kept, [](vf y, vf g) { return tanh_back(y, g); });
    case EK_SIGMOID:
      return run(kept, [](vf y, vf g) { return sigmoid_back(y, g); });
    default:
      return run(nullptr, [](vf, vf g) { return g; });
  }
}
}  // namespace ek::EK_ISA
