// The input gradient of conv2d_few_points.cpp, its other adjoint: what gy is at the points, times the weights, is added
// to what the rows of gx under it are there, which are transformed at the end.
#include "elementwise.h"
#include "wide/conv2d_few.h"
#include "wide/micro.h"

namespace ek::EK_ISA {
namespace {
// Sums of a tile, and tiles of so many sums, that fit into registers beside what a product needs.
enum { kMost = kRows == 12 ? 14 : 12 };
constexpr int tiles_of(int sums) { return kRows != 12 ? 1 : sums > 9 ? 2 : 3; }

// The points of one channel, for as many input channels as a vector holds.
EK_INLINE vf load_points(const float* y) {
#if defined(__AVX512F__)
  return _mm512_broadcast_f32x8(_mm256_loadu_ps(y));
#else
  return load(y);
#endif
}

enum { kTile = 8 * kRowPoints };  // floats of a tile of z

// For N tiles, T sums over o output channels of y (tile, o, point) u (o, T, lane), added to vectors of z. Weights are
// read once for all tiles.
template <int T, int N>
void add_products(int64_t o, const float* y, const float* u, const int64_t* at, float* z) {
  const int64_t y_tile = o * kRowPoints;
  vf a[T][N];
#pragma GCC unroll 14
  for (int t = 0; t < T; ++t)
#pragma GCC unroll 3
    for (int n = 0; n < N; ++n) a[t][n] = zero();
  for (int64_t k = 0; k < o; ++k, y += kRowPoints, u += T * VF) {
    vf of[N];
#pragma GCC unroll 3
    for (int n = 0; n < N; ++n) of[n] = load_points(y + n * y_tile);
#pragma GCC unroll 14
    for (int t = 0; t < T; ++t) {
      vf w = load(u + t * VF);
      if (N > 1) asm("" : "+v"(w));  // else it is loaded for each of its products
#pragma GCC unroll 3
      for (int n = 0; n < N; ++n) a[t][n] = fma(w, of[n], a[t][n]);
    }
  }
#pragma GCC unroll 14
  for (int t = 0; t < T; ++t)
#pragma GCC unroll 3
    for (int n = 0; n < N; ++n) {
      float* to = z + n * kTile + at[t];
      store(to, add(load(to), a[t][n]));
    }
}

// One row of tiles.
template <int T>
void row_of_products(int64_t sums, const FewInput& p, const float* y, const float* u, const int64_t* at, float* z) {
  if constexpr (T > 1)
    if (sums < T) return row_of_products<T - 1>(sums, p, y, u, at, z);
  constexpr int N = tiles_of(T);
  const int64_t o = p.s.o, y_tile = o * kRowPoints;
  int64_t t = 0;
  for (; t + N <= p.tiles; t += N) add_products<T, N>(o, y + t * y_tile, u, at, z + t * kTile);
  for (; t < p.tiles; ++t) add_products<T, 1>(o, y + t * y_tile, u, at, z + t * kTile);
}

// z (row, tile, 8 channels, point) from y (row, tile, o, point)
void image(const FewInput& p, const float* y, const float* u, float* z) {
  const int64_t o = p.s.o, row = p.tiles * kTile;
  memset(z, 0, few_gx_points(p) * sizeof(float));
  for (int64_t from = 0; from < p.s.kh; from += p.group) {
    const int64_t sums = smaller(p.group, p.s.kh - from) * p.units;
    int64_t at[kMost];
    for (int64_t t = 0; t < sums; ++t) at[t] = (from + t / p.units) * row + t % p.units * VF;
    for (int64_t r = 0; r < p.oh; ++r)
      row_of_products<kMost>(sums, p, y + r * p.tiles * o * kRowPoints, u, at, z + r * row);
    u += o * sums * VF;
  }
}
}  // namespace

int64_t few_points_most() { return kMost; }

void few_points_grad_input(const FewInput& p, const float* gy, const float* u, float* gx, float* scratch) {
  const ek_conv2d_shape& s = p.s;
  const int64_t line = int64_t{s.w} * s.c, left = int64_t{s.pad_left} * s.c;
  parallel(p.chunks, 1, [=, &p, &s](int64_t chunk, int64_t) {
    float* padded = scratch + chunk * few_points_floats(p);
    float *y = padded + p.rows * p.row, *z = y + few_gy_points(p);
    for (int64_t n = s.n * chunk / p.chunks; n < s.n * (chunk + 1) / p.chunks; ++n) {
      memset(padded, 0, p.rows * p.row * sizeof(float));
      for (int64_t r = 0; r < p.oh; ++r)
        avx2::few_points_row_of_gy(p, gy + (n * p.oh + r) * p.ow * s.o, y + r * p.tiles * s.o * kRowPoints);
      image(p, y, u, z);
      for (int64_t r = 0; r < p.oh + s.kh - 1; ++r)
        avx2::few_points_row_of_gx(p, z + r * p.tiles * 8 * kRowPoints, padded + r * p.row);
      for (int64_t h = 0; h < s.h; ++h)
        memcpy(gx + (n * s.h + h) * line, padded + (h + s.pad_top) * p.row + left, line * sizeof(float));
    }
  });
}
}  // namespace ek::EK_ISA
