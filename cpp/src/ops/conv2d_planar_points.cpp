// A convolution of one-channel images, its activation and 2 x 2 average pooling by Winograd along rows: F(4, 5). A lane
// is a tile of 4 columns, so that the outputs a window averages lie in the same lane. Eight lanes are of one image,
// those behind them (AVX-512) of the next.
#include "activations.h"
#include "conv2d_planar.h"
#include "pairs.h"
#include "pool2d.h"
#include "transpose.h"
#include "winograd_row.h"

namespace ek::EK_ISA {
namespace {
enum { kM = 4, kTaps = 5, kAtOnce = 4 };  // points at once, whose sums fit into registers
#if defined(EK_VF16)
enum { kImages = 2 };
#else
enum { kImages = 1 };
#endif
enum { kLanes = VF / kImages };  // of one image

// Lanes of a row, and floats of it at all points.
int64_t row_vectors(const PlanarPlan& p) { return p.width / (kM * kLanes); }
int64_t row_points(const PlanarPlan& p) { return row_vectors(p) * kRowPoints * VF; }

// Two rows of products; a row of v is used twice, and so is a weight.
EK_INLINE void two_rows(const PlanarPlan& p, const float* v, const float* u, vf* upper, vf* lower) {
  const int64_t down = row_points(p);
#pragma GCC unroll 2
  for (int n = 0; n < kRowPoints; n += kAtOnce) {
    vf a[kAtOnce], b[kAtOnce], last[kAtOnce];
    const float *row = v + n * VF, *w = u + n;
#pragma GCC unroll 4
    for (int k = 0; k < kAtOnce; ++k) {
      last[k] = broadcast(w + k);
      a[k] = mul(load(row + k * VF), last[k]), b[k] = zero();
    }
    for (int i = 1; i < p.s.kh; ++i) {
      row += down, w += kRowPoints;
#pragma GCC unroll 4
      for (int k = 0; k < kAtOnce; ++k) {
        const vf x = load(row + k * VF);
        b[k] = fma(x, last[k], b[k]);
        last[k] = broadcast(w + k);
        a[k] = fma(x, last[k], a[k]);
      }
    }
    row += down;
#pragma GCC unroll 4
    for (int k = 0; k < kAtOnce; ++k) upper[n + k] = a[k], lower[n + k] = fma(load(row + k * VF), last[k], b[k]);
  }
}

// Pooled pixels, `left` of which are in the row: VF neighbours are those of one image, or two such are.
EK_INLINE void put_pairs(const PlanarGroup& g, float* y, Pairs v, int64_t left) {
  const Neighbours of = neighbours_of(v);
  left >= VF ? store(y, of.first) : store_part(y, of.first, left);
  if (kImages > 1) y += g.y_image - VF, left = g.images > 1 ? left + VF : 0;
  if (left > VF) left >= 2 * VF ? store(y + VF, of.second) : store_part(y + VF, of.second, left - VF);
}
EK_INLINE Pairs get_pairs(const PlanarGroup& g, const float* y, int64_t left) {
  const vf first = left >= VF ? load(y) : load_part(y, left);
  if (kImages > 1) y += g.y_image - VF, left = g.images > 1 ? left + VF : 0;
  const vf second = left <= VF ? zero() : left >= 2 * VF ? load(y + VF) : load_part(y + VF, left - VF);
  return pairs_of({first, second});
}

template <class F>
void average(const PlanarPlan& p, const PlanarGroup& g, const float* v, const float* u, const float* b, float* y,
             float* kept, F) {
  const int64_t columns = p.columns / 2, vectors = row_vectors(p), pairs = p.rows / 2, lanes = g.images * kLanes;
  for (int64_t r = 0; r < pairs; ++r)
    for (int64_t c = 0; c < p.s.o; ++c)
      for (int64_t k = 0; k < vectors; ++k) {
        vf m[2][kRowPoints], out[2][kM];
        two_rows(p, v + 2 * r * row_points(p) + k * kRowPoints * VF, u + c * p.s.kh * kRowPoints, m[0], m[1]);
        const vf bias = broadcast(b + c);
        float* keep = kept ? kept + ((c * pairs + r) * vectors + k) * 2 * kM * lanes : nullptr;
        row_to_output<kM>(m[0], out[0]), row_to_output<kM>(m[1], out[1]);
#pragma GCC unroll 4
        for (int j = 0; j < kM; ++j) {
          vf &upper = out[0][j], &lower = out[1][j];
          upper = add(upper, bias), lower = add(lower, bias);
          activate(F{}, &upper, &lower);
          if (keep && lanes == VF)
            store(keep + j * VF, upper), store(keep + (kM + j) * VF, lower);
          else if (keep)
            store_part(keep + j * lanes, upper, lanes), store_part(keep + (kM + j) * lanes, lower, lanes);
        }
        const auto mean = [&](int j) {
          return mul(add(add(add(out[0][j], out[0][j + 1]), out[1][j]), out[1][j + 1]), set(0.25f));
        };
        const int64_t at = k * 2 * kLanes;
        put_pairs(g, y + (c * pairs + r) * columns + at, {mean(0), mean(2)}, columns - at);
      }
}

// Points (row, vector, point, lane) of the gradient of one channel's outputs; sums it into the lanes of sum.
template <class F>
void points_of_grad(const PlanarPlan& p, const PlanarGroup& group, const float* gy, const float* kept, float* to,
                    float* sum, F) {
  const int64_t columns = p.columns / 2, vectors = row_vectors(p), lanes = group.images * kLanes;
  vf all = load(sum);
  for (int64_t r = 0; r < p.rows / 2; ++r)
    for (int64_t k = 0; k < vectors; ++k) {
      const int64_t at = k * 2 * kLanes;
      const Pairs g = get_pairs(group, gy + r * columns + at, columns - at);
      const vf even = mul(g.even, set(0.25f)), odd = mul(g.odd, set(0.25f));
      const float* y = kept + (r * vectors + k) * 2 * kM * lanes;
#pragma GCC unroll 2
      for (int i = 0; i < 2; ++i) {
        vf gx[kM], m[kRowPoints];
#pragma GCC unroll 4
        for (int j = 0; j < kM; ++j) {
          gx[j] = j < 2 ? even : odd;
          const float* out = y + (i * kM + j) * lanes;
          if (kept) gx[j] = F::back(lanes == VF ? load(out) : load_part(out, lanes), gx[j]);
          all = add(all, gx[j]);
        }
        row_of_output<kM>(gx, m);
        float* q = to + (2 * r + i) * row_points(p) + k * kRowPoints * VF;
#pragma GCC unroll 8
        for (int n = 0; n < kRowPoints; ++n) store(q + n * VF, m[n]);
      }
    }
  store(sum, all);
}

// g (channel, kernel row, point, lane) += products of v and gy (channel, row, vector, point, lane) for B channels.
template <int B>
void sum_products(const PlanarPlan& p, const float* v, const float* gy, float* g, int64_t g_channel) {
  const int64_t row = row_points(p), plane = p.rows * row;
  for (int64_t n = 0; n < kRowPoints * VF; n += VF) {
    vf a[B][kTaps];
#pragma GCC unroll 2
    for (int b = 0; b < B; ++b)
#pragma GCC unroll 5
      for (int i = 0; i < kTaps; ++i) a[b][i] = load(g + b * g_channel + i * kRowPoints * VF + n);
    for (int64_t at = n; at < plane; at += kRowPoints * VF) {
      vf y[B];
#pragma GCC unroll 2
      for (int b = 0; b < B; ++b) y[b] = load(gy + b * plane + at);
#pragma GCC unroll 5
      for (int i = 0; i < kTaps; ++i) {
        vf x = load(v + i * row + at);
        asm("" : "+v"(x));  // else it is loaded for each of its products
#pragma GCC unroll 2
        for (int b = 0; b < B; ++b) a[b][i] = fma(x, y[b], a[b][i]);
      }
    }
#pragma GCC unroll 2
    for (int b = 0; b < B; ++b)
#pragma GCC unroll 5
      for (int i = 0; i < kTaps; ++i) store(g + b * g_channel + i * kRowPoints * VF + n, a[b][i]);
  }
}

template <class F>
void gradient(const PlanarPlan& p, const PlanarGroup& group, const float* v, const float* gy, const float* kept,
              float* sums, float* scratch, F f) {
  const int64_t pooled = p.rows / 2 * (p.columns / 2), outputs = group.images * p.rows * p.width,
                points = p.rows * row_points(p);
  const int64_t weights = kTaps * kRowPoints * VF, channel = weights + VF;
  for (int64_t c = 0; c < p.s.o; c += 2) {
    const int64_t count = smaller(2, p.s.o - c);
    float* g = sums + c * channel;
    for (int64_t b = 0; b < count; ++b)
      points_of_grad(p, group, gy + (c + b) * pooled, kept ? kept + (c + b) * outputs : nullptr, scratch + b * points,
                     g + b * channel + weights, f);
    (count == 2 ? sum_products<2> : sum_products<1>)(p, v, scratch, g, channel);
  }
}
}  // namespace

int64_t planar_images() { return kImages; }

void planar_points(const PlanarPlan& p, const float* image, float* v) {
  for (int64_t r = 0; r < p.rows + p.s.kh - 1; ++r)
    for (int64_t k = 0; k < row_vectors(p); ++k, v += kRowPoints * VF) {
      float turned[kRowPoints * VF];
      vf x[kRowPoints], m[kRowPoints];
      for (int64_t i = 0; i < kImages; ++i)
        transpose(image + i * p.image + r * p.pitch + k * kM * kLanes, kM, turned + i * kLanes, VF, kLanes, kRowPoints);
#pragma GCC unroll 8
      for (int n = 0; n < kRowPoints; ++n) x[n] = load(turned + n * VF);
      row_of_input(x, m);
#pragma GCC unroll 8
      for (int n = 0; n < kRowPoints; ++n) store(v + n * VF, m[n]);
    }
}

void planar_points_average(const PlanarPlan& p, const PlanarGroup& group, int activation, const float* v,
                           const float* u, const float* b, float* y, float* kept) {
  with_activation(activation, [=, &p, &group](auto f) { average(p, group, v, u, b, y, kept, f); });
}

void planar_points_grad(const PlanarPlan& p, const PlanarGroup& group, int activation, const float* v, const float* gy,
                        const float* kept, float* sums, float* scratch) {
  with_activation(activation, [=, &p, &group](auto f) { gradient(p, group, v, gy, kept, sums, scratch, f); });
}
}  // namespace ek::EK_ISA
