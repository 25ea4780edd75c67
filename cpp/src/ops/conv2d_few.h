// Direct convolution of few input channels (the first layers').
#pragma once
#include "conv2d.h"

#ifdef EK_BASE
namespace ek {
bool few_takes(const ek_conv2d_shape& s, Conv2dPass pass);  // whether it can compute a pass of a shape
bool few_wins(const ek_conv2d_shape& s, Conv2dPass pass);   // and was measured to be the fastest
void few_conv2d(const ek_conv2d_shape& s, const float* x, const float* w, const float* b, bool relu, float* y);
void few_grad_input(const ek_conv2d_shape& s, const float* gy, const float* w, float* gx);
void few_grad_weight(const ek_conv2d_shape& s, const float* x, const float* gy, float* gw);
}  // namespace ek
#endif
