// Winograd convolution of 3x3 windows at stride 1, its input gradient and its weight gradient.
#pragma once
#include "conv2d.h"

#ifdef EK_BASE
namespace ek {
// The tile, 2 or 4 outputs wide, with which it takes a shape's pass; 0 where it leaves it to others.
int winograd_tile(const ek_conv2d_shape& s, Conv2dPass pass);
void winograd_conv2d(const ek_conv2d_shape& s, const float* x, const float* w, int64_t w_stamp, const float* b,
                     bool relu, float* y);
void winograd_grad_input(const ek_conv2d_shape& s, const float* gy, const float* w, int64_t w_stamp, float* gx);
void winograd_grad_weight(const ek_conv2d_shape& s, const float* x, const float* gy, float* gw);
}  // namespace ek
#endif
