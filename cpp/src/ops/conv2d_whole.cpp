// y (n, o) = x (n, h w c) v^T, v (o, h w c) being the weights (o, c, h w) in the order of the image.
#include "conv2d_whole.h"

#include "elementwise.h"
#include "transpose.h"

namespace ek::EK_ISA {
void transpose_each(int64_t count, int64_t rows, int64_t columns, const float* x, float* y) {
  const int64_t size = rows * columns;
  parallel(count, ceil_div(kGrain, size), [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) transpose(x + i * size, columns, y + i * size, rows, rows, columns);
  });
}
}  // namespace ek::EK_ISA

#ifdef EK_BASE
#include "activation.h"
#include "matmul.h"
#include "memory.h"
#include "packed_weights.h"

namespace ek {
namespace {
struct Sizes {
  explicit Sizes(const ek_conv2d_shape& s) : n(s.n), o(s.o), c(s.c), area(int64_t{s.kh} * s.kw), k(c * area) {}
  int64_t n, o, c, area, k;
};

class Weights : public PackedWeights {
 public:
  Weights(const Sizes& s, const float* w, int64_t stamp)
      : PackedWeights({kWhole, s.o, s.c}, stamp, w, s.area == 1 ? 0 : s.o * s.k,
                      [&](float* v) { EK_CALL(transpose_each, s.o, s.c, s.area, w, v); }) {}
};
}  // namespace

bool whole_takes(const ek_conv2d_shape& s, Conv2dPass) {
  return s.groups == 1 && s.kh == s.h && s.kw == s.w && s.dilation_h == 1 && s.dilation_w == 1 &&
         !(s.pad_top | s.pad_bottom | s.pad_left | s.pad_right);
}

void whole_conv2d(const ek_conv2d_shape& shape, const float* x, const float* w, int64_t w_stamp, const float* b,
                  float ceiling, float* y) {
  const Sizes s(shape);
  linear(s.n, s.o, s.k, x, Weights(s, w, w_stamp), b, y);
  if (ceiling > 0) EK_CALL(rectify, y, ceiling, y, s.n * s.o);
}

void whole_grad_input(const ek_conv2d_shape& shape, const float* gy, const float* w, int64_t w_stamp, float* gx) {
  const Sizes s(shape);
  matmul(s.n, s.k, s.o, false, false, gy, Weights(s, w, w_stamp), gx);
}

void whole_grad_weight(const ek_conv2d_shape& shape, const float* x, const float* gy, float* gw) {
  const Sizes s(shape);
  const Scratch gv(s.o * s.k);
  matmul(s.o, s.k, s.n, true, false, gy, x, gv);
  EK_CALL(transpose_each, s.o, s.area, s.c, gv, gw);
}
}  // namespace ek
#endif
