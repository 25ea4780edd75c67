// Convolution as matrix products: of 1x1 windows, pixels by channels as they lie; of larger ones, of copies.
#pragma once
#include "conv2d.h"

#ifdef EK_BASE
namespace ek {
bool gemm_takes(const ek_conv2d_shape& s, Conv2dPass pass);  // whether it can compute a pass of a shape
bool gemm_wins(const ek_conv2d_shape& s, Conv2dPass pass);   // and was measured to be the fastest
bool im2col_takes(const ek_conv2d_shape& s, Conv2dPass pass);
bool im2col_wins(const ek_conv2d_shape& s, Conv2dPass pass);
// of either
void gemm_conv2d(const ek_conv2d_shape& s, const float* x, const float* w, int64_t w_stamp, const float* b,
                 float ceiling, float* y);
void gemm_grad_input(const ek_conv2d_shape& s, const float* gy, const float* w, int64_t w_stamp, float* gx);
void gemm_grad_weight(const ek_conv2d_shape& s, const float* x, const float* gy, float* gw);
}  // namespace ek
#endif
