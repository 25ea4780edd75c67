// The weight gradient of conv2d_few_points.cpp, its adjoint: for each point the sum over tiles, each one row of m
// outputs, of what the input and gy are there.
#include "ops/pool2d.h"
#include "wide/conv2d_few_units.h"
#include "wide/micro.h"

namespace ek::EK_ISA {
namespace {
// Y (point, lane) of one tile of gy, of which the first `skip` columns belong to the tile before; sums it.
template <int M, class Lanes>
EK_INLINE void transform_tile(const float* gy, int64_t o, int64_t skip, Lanes lanes, float* y, vf& sum) {
  vf d[M];
#pragma GCC unroll 6
  for (int k = 0; k < M; ++k) d[k] = k < skip ? zero() : lanes.get(gy + k * o), sum = add(sum, d[k]);
  vf m[kRowPoints];
  row_of_output<M>(d, m);
#pragma GCC unroll 8
  for (int n = 0; n < kRowPoints; ++n) store(y + n * VF, m[n]);
}

// g (row of U, point, lane) += products of T rows of U at one point over some tiles, one behind the other in v and y.
template <int T>
void sum_products(const FewPlan& p, const float* v, const int64_t* offset, const float* y, int64_t tiles, float* g) {
  const int64_t step = p.s.c * kRowPoints;
  vf a[T];
#pragma GCC unroll 28
  for (int t = 0; t < T; ++t) a[t] = load(g + t * kRowPoints * VF);
  for (int64_t i = 0; i < tiles; ++i, v += step, y += kRowPoints * VF) {
    const vf of = load(y);
    asm("" : "+r"(offset));  // to be loaded each time: hoisted, they would be moved through vector registers
#pragma GCC unroll 28
    for (int t = 0; t < T; ++t) a[t] = fma(broadcast(v + offset[t]), of, a[t]);
  }
#pragma GCC unroll 28
  for (int t = 0; t < T; ++t) store(g + t * kRowPoints * VF, a[t]);
}

template <int T>
void sum_products_of(int64_t count, const FewPlan& p, const float* v, const int64_t* offset, const float* y,
                     int64_t tiles, float* g) {
  if constexpr (T > 1)
    if (count < T) return sum_products_of<T - 1>(count, p, v, offset, y, tiles, g);
  sum_products<T>(p, v, offset, y, tiles, g);
}

// One vector of channels: rows of tiles from v and gy on. g is U and behind it the sum.
template <int M, class Lanes>
void gradients(const FewPlan& p, const float* v, const float* gy, int64_t rows, Lanes lanes, float* y, float* g) {
  enum { kMost = kRows == 12 ? 28 : 12 };  // sums that fit into registers beside what a product needs
  const int64_t tiles = few_tiles(p), v_row = tiles * p.s.c * kRowPoints, u_rows = p.s.c * p.s.kh;
  float* at = y;
  vf sum = load(g + u_rows * kRowPoints * VF);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t t = 0; t < tiles; ++t, at += kRowPoints * VF)
      transform_tile<M>(gy + (r * p.ow + few_tile(p, t)) * p.s.o, p.s.o, t * M - few_tile(p, t), lanes, at, sum);
  store(g + u_rows * kRowPoints * VF, sum);
  const int64_t groups = ceil_div(u_rows, kMost);
  for (int64_t k = 0; k < groups; ++k) {
    const int64_t from = cut(u_rows, groups, k), count = cut(u_rows, groups, k + 1) - from;
    int64_t offset[kMost];
    for (int64_t t = 0; t < count; ++t) offset[t] = (from + t) % p.s.kh * v_row + (from + t) / p.s.kh;
    for (int n = 0; n < kRowPoints; ++n)
      sum_products_of<kMost>(count, p, v + n * p.s.c, offset, y + n * VF, rows * tiles,
                             g + (from * kRowPoints + n) * VF);
  }
}

template <int M>
void grad_weight(const FewPlan& p, const float* x, const float* gy, float* part, float* scratch) {
  const int64_t v_row = few_tiles(p) * p.s.c * kRowPoints, strip = few_points_strip(p);
  const int64_t u_block = (p.s.c * p.s.kh * kRowPoints + 1) * VF;
  for_units(p, x, scratch, [=, &p](Input in, int64_t first, int64_t rows, int64_t chunk) {
    float* v = scratch + (chunk + 1) * p.chunk_floats - few_points_room(p);
    float* y = v + (p.rows + 1) * v_row;
    for (int64_t r = 0; r < rows + p.s.kh - 1; ++r) avx2::few_points_row(p, in.x + r * in.row, v + r * v_row);
    for (int64_t r = 0; r < rows; r += strip)
      for (int64_t k = 0; k < p.blocks; ++k) {
        const float *from = v + r * v_row, *of = gy + (first + r) * p.ow * p.s.o + few_start(p, k);
        float* g = part + (chunk * p.blocks + k) * u_block;
        if (p.s.o >= VF)
          gradients<M>(p, from, of, smaller(strip, rows - r), Whole{}, y, g);
        else
          gradients<M>(p, from, of, smaller(strip, rows - r), Part{p.s.o}, y, g);
      }
  });
}
}  // namespace

void few_points_grad(const FewPlan& p, const float* x, const float* gy, float* part, float* scratch) {
  (p.tile == 6 ? grad_weight<6> : p.tile == 4 ? grad_weight<4> : grad_weight<2>)(p, x, gy, part, scratch);
}
}  // namespace ek::EK_ISA
