// Depthwise 3x3 convolutions, one input channel for each output channel.
#pragma once
#include "conv2d.h"

#ifdef EK_BASE
namespace ek {
bool depthwise_takes(const ek_conv2d_shape& s, Conv2dPass pass);  // whether it can compute a pass of a shape
bool depthwise_wins(const ek_conv2d_shape& s, Conv2dPass pass);   // and was measured to be the fastest
void depthwise_conv2d(const ek_conv2d_shape& s, const float* x, const float* w, int64_t w_stamp, const float* b,
                      float ceiling, float* y);
void depthwise_grad_input(const ek_conv2d_shape& s, const float* gy, const float* w, int64_t w_stamp, float* gx);
void depthwise_grad_weight(const ek_conv2d_shape& s, const float* x, const float* gy, float* gw, float* gb);
}  // namespace ek
#endif
