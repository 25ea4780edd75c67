// The input of Winograd along rows. Vectors of 8 floats, of which channels fill more than of 16.
#if !defined(__AVX512F__)
#include "ops/pool2d.h"
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
}  // namespace ek::avx2
#endif
