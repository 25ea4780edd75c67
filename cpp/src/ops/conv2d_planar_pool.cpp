// Activation and pooling of rows that lie in planes: forward beside gradient.
#include "activations.h"
#include "conv2d_planar.h"
#include "pairs.h"
#include "pool2d.h"

namespace ek::EK_ISA {
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
  const Neighbours above = neighbours_of(a), below = neighbours_of(b);
  store(gx, above.first), store(gx + p.width, below.first);
  if (2 * i + VF < p.width) store(gx + VF, above.second), store(gx + p.width + VF, below.second);
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
static void average(const PlanarRows& p, float* x, float* y, float* kept, int64_t kept_plane, F) {
  for (int64_t c = 0; kept && c < p.planes; ++c)
    for (int64_t i = 0; i < 2 * p.pairs * p.width; i += 2 * VF) {
      float *from = x + c * p.plane + i, *to = kept + c * kept_plane + i;
      vf a = load(from), b = load(from + VF);
      activate(F{}, &a, &b);
      store(from, a), store(from + VF, b), store(to, a), store(to + VF, b);
    }
  for_pooled(p, [=, &p](int64_t c, int64_t r, int64_t i, auto lanes) {
    const float* q = x + row_at(p, c, r, i);
    const Pairs a = load_pairs(q), b = load_pairs(q + p.width);
    lanes.put(y + pooled_at(p, c, r, i), mul(add(add(add(a.even, a.odd), b.even), b.odd), set(0.25f)));
  });
}

void planar_average(const PlanarRows& p, int activation, float* x, float* y, float* kept, int64_t kept_plane) {
  with_activation(activation, [=, &p](auto f) { average(p, x, y, kept, kept_plane, f); });
}

template <class F>
static void average_grad(const PlanarRows& p, const float* gy, const float* kept, float* gx, float* sums,
                         int64_t sum_row, F) {
  for_pooled(p, [=, &p](int64_t c, int64_t r, int64_t i, auto lanes) {
    const int64_t at = row_at(p, c, r, i);
    const vf g = mul(lanes.get(gy + pooled_at(p, c, r, i)), set(0.25f));
    Pairs a = {g, g}, b = {g, g};
    if (kept) {
      const Pairs u = load_pairs(kept + at), v = load_pairs(kept + at + p.width);
      a = {F::back(u.even, g), F::back(u.odd, g)}, b = {F::back(v.even, g), F::back(v.odd, g)};
    }
    spread(p, i, a, b, gx + at, sums + c * sum_row);
  });
}

void planar_average_grad(const PlanarRows& p, int activation, const float* gy, const float* kept, float* gx,
                         float* sums, int64_t sum_row) {
  with_activation(activation, [=, &p](auto f) { average_grad(p, gy, kept, gx, sums, sum_row, f); });
}
}  // namespace ek::EK_ISA
