// Convolution of 1x1 windows as a matrix product.
#pragma once
#include "conv2d.h"

#ifdef EK_BASE
namespace ek {
bool gemm_takes(const ek_conv2d_shape& s, Conv2dPass pass);
bool gemm_wins(const ek_conv2d_shape& s, Conv2dPass pass);
void gemm_conv2d(const ek_conv2d_shape& s, const float* x, const float* w, const float* b, float ceiling, float* y);
void gemm_grad_input(const ek_conv2d_shape& s, const float* gy, const float* w, float* gx);
void gemm_grad_weight(const ek_conv2d_shape& s, const float* x, const float* gy, float* gw);
}  // namespace ek
#endif
