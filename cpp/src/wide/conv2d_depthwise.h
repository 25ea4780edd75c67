// Depthwise 3x3 convolutions: what their kernels and their entry points share.
#pragma once
#include "einkorn.h"
#include "wide/wide.h"

namespace ek {
// Channels are done in blocks of one or two vectors.
struct DepthwisePlan {
  ek_conv2d_shape s;  // at least a block of channels
  int64_t oh, ow;
  int64_t block, blocks;
  bool far;     // x and gy fill more than half of the last cache
  bool stream;  // y, of aligned lines, is written past the caches
  int64_t start(int64_t b) const { return block_start(s.c, block, b); }
};
constexpr int64_t kDepthwiseSums = 10;  // of a channel: the bias's, then the nine taps'
}  // namespace ek

// sums (block, kDepthwiseSums, lane) += gradients of the output rows first..last-1, counted over all images; zeros is a
// row of the input
EK_WIDE_KERNEL(void, depthwise_grad_weight,
               (const DepthwisePlan& p, const float* x, const float* gy, const float* zeros, int64_t first,
                int64_t last, float* sums))
// y, rectified below a ceiling above 0, for the same rows; taps (9, c), bias (c)
EK_WIDE_KERNEL(void, depthwise_forward,
               (const DepthwisePlan& p, const float* x, const float* taps, const float* bias, const float* zeros,
                int64_t first, int64_t last, float ceiling, float* y))
