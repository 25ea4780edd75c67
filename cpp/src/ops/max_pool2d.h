// Max pooling, for other files.
#pragma once
#include "einkorn.h"
#include "isa.h"

EK_KERNEL(void, max_pool2d, (const ek_pool2d_shape& s, bool relu, const float* x, float* y, void* position))
EK_KERNEL(void, max_pool2d_grad, (const ek_pool2d_shape& s, const float* gy, const void* position, float* gx))

namespace ek {
static inline int64_t position_bytes(const ek_pool2d_shape& s) { return int64_t{s.kh} * s.kw > 255 ? 4 : 1; }
}  // namespace ek
