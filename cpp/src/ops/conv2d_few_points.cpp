// Convolution of few input channels by Winograd along rows: which shapes it takes and where it wins, and its weights.
#ifdef EK_BASE
#include <algorithm>

#include "conv2d_few.h"
#include "conv2d_winograd.h"
#include "winograd_row.h"

namespace ek {
bool few_points_takes(const ek_conv2d_shape& s, Conv2dPass pass) {
  const bool unit = s.stride_h == 1 && s.stride_w == 1 && s.dilation_h == 1 && s.dilation_w == 1 && s.groups == 1;
  const int32_t most = pass == Conv2dPass::grad_input ? 8 : 32;  // the former are lanes of a transform
  return isa() != Isa::scalar && unit && (s.kw == 3 || s.kw == 5 || s.kw == 7) && s.c <= most &&
         conv2d_ow(s) > kRowPoints + 1 - s.kw && ek_winograd() == 4;
}

// Beside the direct way, Winograd in two dimensions and oneDNN: docs/decisions/0005. Forward and for the weights AVX2
// loads for each product what it multiplies, and has no registers to keep it in.
bool few_points_win(const ek_conv2d_shape& s, Conv2dPass pass, bool pooled) {
  if (!few_points_takes(s, pass)) return false;
  if (s.kw == 5 && !pooled && (s.c < 12 || (s.o < 12 && pass == Conv2dPass::forward))) return true;
  if (s.c > 15) return false;
  if (s.kw == 5) return pooled || !(winograd_takes(4, s) && winograd_wins(4, s, pass));
  if (pass == Conv2dPass::grad_input) return s.kw == 3 ? s.c <= 7 : s.c > 1;
  if (isa() != Isa::avx512 || s.o <= 8 || (s.c > 7 && !pooled)) return false;
  if (s.kw == 7) return pass == Conv2dPass::forward || s.c > 1;
  return pass == Conv2dPass::forward && (pooled || (s.c > 1 && s.o <= 32));
}

void few_pack_points(const FewPlan& p, const float* w, float* u) {
  const ek_conv2d_shape& s = p.s;
  for (int64_t k = 0; k < p.blocks; ++k)
    for (int64_t row = 0; row < int64_t{s.c} * s.kh; ++row, u += kRowPoints * p.block)
      for (int64_t l = 0; l < std::min<int64_t>(p.block, s.o); ++l) {
        double points[kRowPoints];
        RowPoints::of_weights(w + ((few_start(p, k) + l) * s.c * s.kh + row) * s.kw, s.kw, points);
        for (int n = 0; n < kRowPoints; ++n) u[n * p.block + l] = static_cast<float>(points[n]);
      }
}

void few_unpack_points(const FewPlan& p, const float* sums, float* gw, float* gb) {
  const ek_conv2d_shape& s = p.s;
  for (int64_t k = 0; k < p.blocks; ++k, sums += p.block) {
    const int64_t lanes = std::min<int64_t>(p.block, s.o);
    for (int64_t row = 0; row < int64_t{s.c} * s.kh; ++row, sums += kRowPoints * p.block)
      for (int64_t l = 0; l < lanes; ++l) {
        double points[kRowPoints];
        for (int n = 0; n < kRowPoints; ++n) points[n] = sums[n * p.block + l];
        RowPoints::to_weights(points, s.kw, gw + ((few_start(p, k) + l) * s.c * s.kh + row) * s.kw);
      }
    if (gb) std::copy_n(sums, lanes, gb + few_start(p, k));
  }
}
}  // namespace ek
#endif
