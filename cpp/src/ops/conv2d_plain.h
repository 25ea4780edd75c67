// Convolution as it is defined, for windows that are left to nobody else.
#pragma once
#include "conv2d.h"

#ifdef EK_BASE
namespace ek {
// Whether windows lie wholly in the padding, or reach or move very far: on such, oneDNN refuses, or reads what it must
// not. One as large as the image may.
bool conv2d_far(const ek_conv2d_shape& s);
void plain_conv2d(const ek_conv2d_shape& s, const float* x, const float* w, const float* b, float ceiling, float* y);
void plain_grad_input(const ek_conv2d_shape& s, const float* gy, const float* w, float* gx);
void plain_grad_weight(const ek_conv2d_shape& s, const float* x, const float* gy, float* gw);
}  // namespace ek
#endif
