// What the files of the convolution share.
#pragma once
#include "einkorn.h"

namespace ek {
static inline int64_t conv2d_oh(const ek_conv2d_shape& s) {
  return (s.h + s.pad_top + s.pad_bottom - s.dilation_h * (s.kh - 1) - 1) / s.stride_h + 1;
}
static inline int64_t conv2d_ow(const ek_conv2d_shape& s) {
  return (s.w + s.pad_left + s.pad_right - s.dilation_w * (s.kw - 1) - 1) / s.stride_w + 1;
}
static inline int64_t conv2d_weights(const ek_conv2d_shape& s) { return int64_t{s.o} * (s.c / s.groups) * s.kh * s.kw; }
static inline double conv2d_flops(const ek_conv2d_shape& s) {
  return 2.0 * s.n * conv2d_oh(s) * conv2d_ow(s) * conv2d_weights(s);
}
}  // namespace ek

#ifdef EK_BASE
#include "dnnl_cache.h"

namespace ek {
// oneDNN's primitive for a direction (kConv, kConvGradInput, kConvGradWeight), made for `threads` threads, which
// must be the number in force (Team, SingleThread).
DnnlOpPtr conv2d_op(DnnlKey::Kind kind, const ek_conv2d_shape& s, bool bias, int threads);
// The name of the weight gradient's algorithm.
const char* conv2d_grad_weight_name(const ek_conv2d_shape& s);
}  // namespace ek
#endif
