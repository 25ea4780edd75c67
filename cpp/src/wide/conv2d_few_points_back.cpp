// The input gradient of conv2d_few_points.cpp, its other adjoint: what gy is at the points, times the weights, is added
// to what the rows of gx under it are there, which are transformed at the end.
#include "elementwise.h"
#include "wide/conv2d_few.h"
#include "wide/micro.h"

namespace ek::EK_ISA {
namespace {
enum { kMost = kRows == 12 ? 28 : 12 };  // sums that fit into registers beside what a product needs

// The points of one channel, for as many input channels as a vector holds.
EK_INLINE vf load_points(const float* y) {
#if defined(__AVX512F__)
  return _mm512_broadcast_f32x8(_mm256_loadu_ps(y));
#else
  return load(y);
#endif
}

// T sums over o output channels of y (o, point) u (o, T, lane), added to vectors of z.
template <int T>
void add_products(int64_t o, const float* y, const float* u, const int64_t* at, float* z) {
  vf a[T];
#pragma GCC unroll 28
  for (int t = 0; t < T; ++t) a[t] = zero();
  for (int64_t k = 0; k < o; ++k, y += kRowPoints, u += T * VF) {
    const vf of = load_points(y);
#pragma GCC unroll 28
    for (int t = 0; t < T; ++t) a[t] = fma(load(u + t * VF), of, a[t]);
  }
#pragma GCC unroll 28
  for (int t = 0; t < T; ++t) store(z + at[t], add(load(z + at[t]), a[t]));
}

template <int T>
void add_products_of(int64_t count, int64_t o, const float* y, const float* u, const int64_t* at, float* z) {
  if constexpr (T > 1)
    if (count < T) return add_products_of<T - 1>(count, o, y, u, at, z);
  add_products<T>(o, y, u, at, z);
}

// z (row, tile, 8 channels, point) from y (row, tile, o, point)
void image(const FewInput& p, const float* y, const float* u, float* z) {
  const int64_t o = p.s.o, tile = 8 * kRowPoints, row = p.tiles * tile;
  memset(z, 0, few_gx_points(p) * sizeof(float));
  for (int64_t from = 0; from < p.s.kh; from += p.group) {
    const int64_t sums = smaller(p.group, p.s.kh - from) * p.units;
    int64_t at[kMost];
    for (int64_t t = 0; t < sums; ++t) at[t] = (from + t / p.units) * row + t % p.units * VF;
    for (int64_t r = 0; r < p.oh; ++r)
      for (int64_t t = 0; t < p.tiles; ++t)
        add_products_of<kMost>(sums, o, y + (r * p.tiles + t) * o * kRowPoints, u, at, z + r * row + t * tile);
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
