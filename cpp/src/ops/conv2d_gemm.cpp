// Convolution of 1x1 windows at stride 1: matrix products of pixels by channels, as they lie.
#ifdef EK_BASE
#include "conv2d_gemm.h"

#include "activation.h"
#include "matmul.h"

namespace ek {
namespace {
int64_t pixels(const ek_conv2d_shape& s) { return int64_t{s.n} * s.h * s.w; }
}  // namespace

bool gemm_takes(const ek_conv2d_shape& s, Conv2dPass) {
  return s.kh == 1 && s.kw == 1 && s.stride_h == 1 && s.stride_w == 1 && s.groups == 1 &&
         !(s.pad_top | s.pad_left | s.pad_bottom | s.pad_right);
}

// Where what oneDNN spends on a call counts: docs/decisions/0010.
bool gemm_wins(const ek_conv2d_shape& s, Conv2dPass) { return conv2d_flops(s) < 4e5 && s.c > 7; }

void gemm_conv2d(const ek_conv2d_shape& s, const float* x, const float* w, const float* b, float ceiling, float* y) {
  linear(pixels(s), s.o, s.c, x, w, b, y);
  if (ceiling > 0) EK_CALL(rectify, y, ceiling, y, pixels(s) * s.o);
}

void gemm_grad_input(const ek_conv2d_shape& s, const float* gy, const float* w, float* gx) {
  matmul(pixels(s), s.c, s.o, false, false, gy, w, gx);
}

void gemm_grad_weight(const ek_conv2d_shape& s, const float* x, const float* gy, float* gw) {
  matmul(s.o, s.c, pixels(s), true, false, gy, x, gw);
}
}  // namespace ek
#endif
