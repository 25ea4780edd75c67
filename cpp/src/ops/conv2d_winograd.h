// Winograd convolution of 3x3 and 5x5 windows at stride 1, and of 3x3 and 7x7 at stride 2; its gradients.
#pragma once
#include "conv2d.h"

#ifdef EK_BASE
namespace ek {
// In a way as of ek_set_winograd, 4 or 2: whether it can compute a pass of a shape and may, and whether that is the
// fastest.
bool winograd_takes(int way, const ek_conv2d_shape& s);
bool winograd_wins(int way, const ek_conv2d_shape& s, Conv2dPass pass);
void winograd_conv2d(int way, const ek_conv2d_shape& s, const float* x, const float* w, int64_t w_stamp, const float* b,
                     float ceiling, float* y);
void winograd_grad_input(int way, const ek_conv2d_shape& s, const float* gy, const float* w, int64_t w_stamp,
                         bool add_to, float* gx);
void winograd_grad_weight(int way, const ek_conv2d_shape& s, const float* x, const float* gy, float* gw, float* gb);
}  // namespace ek
#endif
