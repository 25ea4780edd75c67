// ReLU, leaky ReLU, sigmoid, tanh: forward beside gradient.
#include "error.h"
#include "isa.h"
#include "simd.h"
#include "threads.h"

EK_KERNEL(void, relu, (const float* x, float* y, int64_t n))
EK_KERNEL(void, relu_grad, (const float* y, const float* gy, float* gx, int64_t n))

namespace ek::EK_ISA {
static const int64_t kGrain = 32768;  // floats a chunk: about 10 us, worth a fork

// y = max(x, 0); NaN stays NaN
void relu(const float* x, float* y, int64_t n) {
  parallel(n, kGrain, [=](int64_t begin, int64_t end) {
    int64_t i = begin;
    for (; i + VF <= end; i += VF) store(y + i, max(zero(), load(x + i)));
    for (; i < end; ++i) y[i] = 0 > x[i] ? 0 : x[i];
  });
}

// gx = gy where y > 0
void relu_grad(const float* y, const float* gy, float* gx, int64_t n) {
  parallel(n, kGrain, [=](int64_t begin, int64_t end) {
    int64_t i = begin;
    for (; i + VF <= end; i += VF) store(gx + i, bit_and(gt(load(y + i), zero()), load(gy + i)));
    for (; i < end; ++i) gx[i] = y[i] > 0 ? gy[i] : 0;
  });
}
}  // namespace ek::EK_ISA

#ifdef EK_BASE
extern "C" {
int ek_relu(const float* x, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(relu, x, y, n); });
}
int ek_relu_grad(const float* y, const float* gy, float* gx, int64_t n) {
  return ek::guarded([&] { EK_CALL(relu_grad, y, gy, gx, n); });
}
}
#endif
