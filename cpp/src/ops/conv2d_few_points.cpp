// Convolution of few input channels by Winograd along rows: which shapes it takes and where it wins, and its weights.
#ifdef EK_BASE
#include <algorithm>

#include "conv2d_few.h"

namespace ek {
namespace {
constexpr double kPoints[] = {0.5, 1, 2}, kScales[] = {32.0 / 45, -2.0 / 9, 1.0 / 90};

// What a row of the kernel is at the points, each divided by what the transform of the input leaves to do.
void at_points(const float* row, int64_t taps, double* u) {
  u[0] = row[0], u[1] = row[taps - 1];
  for (int i = 0; i < 3; ++i) {
    double even = 0, odd = 0, power = 1;
    for (int64_t j = 0; j < taps; ++j, power *= kPoints[i]) (j % 2 ? odd : even) += power * row[j];
    u[2 * i + 2] = kScales[i] * (even + odd), u[2 * i + 3] = kScales[i] * (even - odd);
  }
}

// The transpose of that.
void from_points(const double* u, int64_t taps, float* row) {
  double sum[3], difference[3];
  for (int i = 0; i < 3; ++i) {
    sum[i] = kScales[i] * (u[2 * i + 2] + u[2 * i + 3]), difference[i] = kScales[i] * (u[2 * i + 2] - u[2 * i + 3]);
  }
  for (int64_t j = 0; j < taps; ++j) {
    double* of = j % 2 ? difference : sum;
    row[j] = static_cast<float>(of[0] + of[1] + of[2] + (j == 0 ? u[0] : j == taps - 1 ? u[1] : 0));
    for (int i = 0; i < 3; ++i) sum[i] *= kPoints[i], difference[i] *= kPoints[i];
  }
}
}  // namespace

bool few_points_takes(const ek_conv2d_shape& s, Conv2dPass pass) {
  return pass != Conv2dPass::grad_input && few_takes(s, pass) && s.stride_h == 1 && s.stride_w == 1 &&
         s.dilation_h == 1 && s.dilation_w == 1 && (s.kw == 3 || s.kw == 5 || s.kw == 7) &&
         conv2d_ow(s) > kFewPoints + 1 - s.kw && ek_winograd() == 4;
}

// Beside the direct way, Winograd in two dimensions and oneDNN: docs/decisions/0005. AVX2 loads for each product what it
// multiplies, and has no registers to keep it in.
bool few_points_win(const ek_conv2d_shape& s, Conv2dPass pass, bool pooled) {
  if (!few_points_takes(s, pass) || s.c > 15) return false;
  if (s.kw == 5) return true;
  if (isa() != Isa::avx512 || s.o <= 8 || (s.c > 7 && !pooled)) return false;
  if (s.kw == 7) return pass == Conv2dPass::forward || s.c > 1;
  return pass == Conv2dPass::forward && (pooled || (s.c > 1 && s.o <= 32));
}

void few_pack_points(const FewPlan& p, const float* w, float* u) {
  const ek_conv2d_shape& s = p.s;
  for (int64_t k = 0; k < p.blocks; ++k)
    for (int64_t row = 0; row < int64_t{s.c} * s.kh; ++row, u += kFewPoints * p.block)
      for (int64_t l = 0; l < std::min<int64_t>(p.block, s.o); ++l) {
        double points[kFewPoints];
        at_points(w + ((few_start(p, k) + l) * s.c * s.kh + row) * s.kw, s.kw, points);
        for (int n = 0; n < kFewPoints; ++n) u[n * p.block + l] = static_cast<float>(points[n]);
      }
}

void few_unpack_points(const FewPlan& p, const float* sums, float* gw, float* gb) {
  const ek_conv2d_shape& s = p.s;
  for (int64_t k = 0; k < p.blocks; ++k, sums += p.block) {
    const int64_t lanes = std::min<int64_t>(p.block, s.o);
    for (int64_t row = 0; row < int64_t{s.c} * s.kh; ++row, sums += kFewPoints * p.block)
      for (int64_t l = 0; l < lanes; ++l) {
        double points[kFewPoints];
        for (int n = 0; n < kFewPoints; ++n) points[n] = sums[n * p.block + l];
        from_points(points, s.kw, gw + ((few_start(p, k) + l) * s.c * s.kh + row) * s.kw);
      }
    if (gb) std::copy_n(sums, lanes, gb + few_start(p, k));
  }
}
}  // namespace ek
#endif
