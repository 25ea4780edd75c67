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

enum { kMost = kRows == 12 ? 28 : 12 };  // sums that fit into registers beside what a product needs
constexpr int channels_of(int taps) { return kMost / taps < 9 ? kMost / taps : 9; }

// What sum_products reads and writes, at one point.
struct Sums {
  const float *v, *y;  // of the first row and tile
  int64_t rows, tiles;
  int64_t v_row, v_tile;
  float* g;
  int64_t g_tap, g_channel;
};

// g (channel, kernel row) += products of K rows of v and one of gy, for C channels and all tiles; of ROWS rows of gy at
// a time, which have most rows of v in common.
template <int K, int C, int ROWS>
void sum_products(const Sums& s) {
  vf a[C][K];
#pragma GCC unroll 9
  for (int c = 0; c < C; ++c)
#pragma GCC unroll 7
    for (int i = 0; i < K; ++i) a[c][i] = load(s.g + c * s.g_channel + i * s.g_tap);
  const int64_t y_row = s.tiles * kRowPoints * VF;
  for (int64_t r = 0; r + ROWS <= s.rows; r += ROWS) {
    const float *v = s.v + r * s.v_row, *y = s.y + r * y_row;
    for (int64_t t = 0; t < s.tiles; ++t, v += s.v_tile, y += kRowPoints * VF) {
      const vf first = load(y), second = ROWS > 1 ? load(y + y_row) : first;
#pragma GCC unroll 9
      for (int c = 0; c < C; ++c)
#pragma GCC unroll 8
        for (int i = 0; i < K + ROWS - 1; ++i) {
          vf x = broadcast(v + i * s.v_row + c);
          asm("" : "+v"(x));  // else it is loaded for each of its products
          if (i < K) a[c][i] = fma(x, first, a[c][i]);
          if (ROWS > 1 && i > 0) a[c][i - 1] = fma(x, second, a[c][i - 1]);
        }
    }
  }
#pragma GCC unroll 9
  for (int c = 0; c < C; ++c)
#pragma GCC unroll 7
    for (int i = 0; i < K; ++i) store(s.g + c * s.g_channel + i * s.g_tap, a[c][i]);
}

template <int K, int C>
void sum_channels(int64_t count, Sums s) {
  if constexpr (C > 1)
    if (count < C) return sum_channels<K, C - 1>(count, s);
  sum_products<K, C, 2>(s);
  if (s.rows % 2 == 0) return;
  s.v += (s.rows - 1) * s.v_row, s.y += (s.rows - 1) * s.tiles * kRowPoints * VF, s.rows = 1;
  sum_products<K, C, 1>(s);
}

// Kernel rows from `row` on, as many as there are kernels for; returns how many.
template <int K>
int64_t sum_rows(const FewPlan& p, int64_t row, const Sums& all) {
  if constexpr (K > 1)
    if (p.s.kh - row < K) return sum_rows<K - 2>(p, row, all);
  constexpr int most = channels_of(K);
  const int64_t groups = ceil_div(p.s.c, most);
  for (int64_t k = 0; k < groups; ++k) {
    const int64_t from = cut(p.s.c, groups, k), count = cut(p.s.c, groups, k + 1) - from;
    Sums s = all;
    s.v += row * s.v_row + from, s.g += from * s.g_channel + row * s.g_tap;
    for (int n = 0; n < kRowPoints; ++n, s.v += p.s.c, s.y += VF, s.g += VF) sum_channels<K, most>(count, s);
  }
  return K;
}

// One vector of channels: rows of tiles from v and gy on. g is U and behind it the sum.
template <int M, class Lanes>
void gradients(const FewPlan& p, const float* v, const float* gy, int64_t rows, Lanes lanes, float* y, float* g) {
  const int64_t tiles = few_tiles(p), v_row = tiles * p.s.c * kRowPoints, u_rows = p.s.c * p.s.kh;
  float* at = y;
  vf sum = load(g + u_rows * kRowPoints * VF);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t t = 0; t < tiles; ++t, at += kRowPoints * VF)
      transform_tile<M>(gy + (r * p.ow + few_tile(p, t)) * p.s.o, p.s.o, t * M - few_tile(p, t), lanes, at, sum);
  store(g + u_rows * kRowPoints * VF, sum);
  const int64_t tap = kRowPoints * VF;
  const Sums all{v, y, rows, tiles, v_row, p.s.c * kRowPoints, g, tap, p.s.kh * tap};
  for (int64_t row = 0; row < p.s.kh;) row += sum_rows<7>(p, row, all);
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
