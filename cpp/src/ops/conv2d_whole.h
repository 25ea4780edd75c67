// Convolution with a kernel as large as the image, the "convolution" before a classifier: a matrix product.
#pragma once
#include "conv2d.h"

// y (count, columns, rows) = x (count, rows, columns)
EK_KERNEL(void, transpose_each, (int64_t count, int64_t rows, int64_t columns, const float* x, float* y))

#ifdef EK_BASE
namespace ek {
bool whole_takes(const ek_conv2d_shape& s, Conv2dPass pass);
void whole_conv2d(const ek_conv2d_shape& s, const float* x, const float* w, int64_t w_stamp, const float* b,
                  float ceiling, float* y);
void whole_grad_input(const ek_conv2d_shape& s, const float* gy, const float* w, int64_t w_stamp, float* gx);
void whole_grad_weight(const ek_conv2d_shape& s, const float* x, const float* gy, float* gw);
}  // namespace ek
#endif
