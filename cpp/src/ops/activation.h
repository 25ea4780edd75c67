// What other operations apply to their output, and to the gradient of it.
#pragma once
#include "isa.h"
#include "simd.h"

EK_KERNEL(void, relu, (const float* x, float* y, int64_t n))

namespace ek::EK_ISA {
// gx = y <= 0 ? 0 : gy; NaN passes it on, as in PyTorch
EK_INLINE vf relu_back(vf y, vf gy) { return select(le(y, zero()), zero(), gy); }
// gx = gy y (1 - y)
EK_INLINE vf sigmoid_back(vf y, vf gy) { return mul(mul(gy, sub(set(1), y)), y); }
// gx = gy (1 - y^2); factored, it stays exact near saturation
EK_INLINE vf tanh_back(vf y, vf gy) { return mul(gy, mul(sub(set(1), y), add(set(1), y))); }
}  // namespace ek::EK_ISA
