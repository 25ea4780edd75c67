// What Winograd along rows transforms in vectors of 8 floats, of which few channels, or the points, fill more than
// of 16.
#if !defined(__AVX512F__)
#include "ops/pool2d.h"
#include "transpose.h"
#include "wide/conv2d_few.h"

namespace ek::avx2 {
namespace {
// v (point): a vector holds the points of one channel.
void one_channel(const float* x, float* v) {
  vf sum = mul(broadcast(x), load(kInputColumns[0]));
#pragma GCC unroll 8
  for (int k = 1; k < kRowPoints; ++k) sum = fma(broadcast(x + k), load(kInputColumns[k]), sum);
  store(v, sum);
}

// v (point, channel) of the channels of a vector.
template <class Lanes>
EK_INLINE void channels(const float* x, int64_t c, Lanes lanes, bool spill, float* v) {
  vf d[kRowPoints], m[kRowPoints];
#pragma GCC unroll 8
  for (int k = 0; k < kRowPoints; ++k) d[k] = lanes.get(x + k * c);
  row_of_input(d, m);
#pragma GCC unroll 8
  for (int n = 0; n < kRowPoints; ++n) spill ? store(v + n * c, m[n]) : lanes.put(v + n * c, m[n]);
}

// A vector holds the points of one channel of a tile, of which columns of the tile before are left out.
template <int M>
void row_of_gy(const FewInput& p, const float* gy, float* v) {
  const int64_t o = p.s.o;
  for (int64_t t = 0; t < p.tiles; ++t) {
    const int64_t start = block_start(p.ow, M, t), skip = t * M - start;
    vf powers[M];
#pragma GCC unroll 6
    for (int m = 0; m < M; ++m) {
      alignas(32) const float infinity[kRowPoints] = {0, m == M - 1 ? 1.0f : 0.0f};
      powers[m] = m < skip ? zero() : add(load(kOutputPowers[m]), load(infinity));
    }
    const float* from = gy + start * o;
    for (int64_t k = 0; k < o; ++k, ++from, v += kRowPoints) {
      vf sum = mul(broadcast(from), powers[0]);
#pragma GCC unroll 6
      for (int m = 1; m < M; ++m) sum = fma(broadcast(from + m * o), powers[m], sum);
      store(v, sum);
    }
  }
}
}  // namespace

void few_points_row(const FewPlan& p, const float* x, float* v) {
  const int64_t tiles = few_tiles(p), c = p.s.c;
  for (int64_t t = 0; t < tiles; ++t, v += kRowPoints * c) {
    const float* from = x + few_tile(p, t) * c;
    if (c == 1)
      one_channel(from, v);
    else if (c < VF)  // lanes beyond c fall on what is written next
      channels(from, c, Part{c}, true, v);
    else
      for_vectors(c, [&](int64_t ch, auto lanes) { channels(from + ch, c, lanes, false, v + ch); });
  }
}

void few_points_row_of_gy(const FewInput& p, const float* gy, float* v) {
  (p.tile == 6 ? row_of_gy<6> : p.tile == 4 ? row_of_gy<4> : row_of_gy<2>)(p, gy, v);
}

// Every other tile, then those between: what was just written is not there to be read.
void few_points_row_of_gx(const FewInput& p, const float* v, float* gx) {
  const int64_t c = p.s.c;
  for (int64_t first = 0; first < 2; ++first)
    for (int64_t t = first; t < p.tiles; t += 2) {
      float turned[8 * kRowPoints];
      vf m[kRowPoints], x[kRowPoints];
      transpose_8x8(v + t * 8 * kRowPoints, kRowPoints, turned, 8);
#pragma GCC unroll 8
      for (int n = 0; n < kRowPoints; ++n) m[n] = load(turned + n * 8);
      row_to_input(m, x);
      float* to = gx + block_start(p.ow, p.tile, t) * c;
#pragma GCC unroll 8
      for (int k = 0; k < kRowPoints; ++k) x[k] = add(load(to + k * c), x[k]);
#pragma GCC unroll 8
      for (int k = 0; k < kRowPoints; ++k) store(to + k * c, x[k]);  // lanes beyond c: as they were, to be written next
    }
}
}  // namespace ek::avx2
#endif
