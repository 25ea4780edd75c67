// What other operations apply to their output, and to the gradient of it.
#pragma once
#include "isa.h"
#include "simd.h"

namespace ek {
// The activations that cut off: y = min(max(y, 0), ceiling), or 0 for y as it is. Throws for others.
float ceiling_of(int activation);
constexpr float kRelu6 = 6;

// y = the activation of y, whichever it is.
void activate(int activation, float* y, int64_t n);
// gx from the output y, for all but EK_IDENTITY.
void activate_grad(int activation, const float* y, const float* gy, float* gx, int64_t n);
}  // namespace ek

EK_KERNEL(void, rectify, (const float* x, float ceiling, float* y, int64_t n))
EK_KERNEL(void, tanh, (const float* x, float* y, int64_t n))
EK_KERNEL(void, tanh_grad, (const float* y, const float* gy, float* gx, int64_t n))

namespace ek::EK_ISA {
// min(max(x, 0), ceiling); NaN stays
EK_INLINE vf rectified(vf x, float ceiling) { return min(set(ceiling), max(zero(), x)); }
// That, or x itself where the ceiling is 0
EK_INLINE vf activated(vf x, float ceiling) { return ceiling > 0 ? rectified(x, ceiling) : x; }
// gx = y <= 0 ? 0 : gy; NaN passes it on, as in PyTorch
EK_INLINE vf relu_back(vf y, vf gy) { return select(le(y, zero()), zero(), gy); }
// gx = 0 < y < ceiling ? gy : 0, likewise
EK_INLINE vf rectified_back(vf y, vf gy, float ceiling) {
  return select(le(set(ceiling), y), zero(), relu_back(y, gy));
}
// gx = gy y (1 - y)
EK_INLINE vf sigmoid_back(vf y, vf gy) { return mul(mul(gy, sub(set(1), y)), y); }
// gx = gy (1 - y^2); factored, it stays exact near saturation
EK_INLINE vf tanh_back(vf y, vf gy) { return mul(gy, mul(sub(set(1), y), add(set(1), y))); }
}  // namespace ek::EK_ISA
