// ReLU, leaky ReLU, sigmoid, tanh: forward beside gradient.
#include "activation.h"

#include "elementwise.h"
#include "error.h"
#include "isa.h"
#include "vmath.h"

EK_KERNEL(void, relu_grad, (const float* y, const float* gy, float* gx, int64_t n))
EK_KERNEL(void, add_relu, (const float* a, const float* b, float* y, int64_t n))
EK_KERNEL(void, leaky_relu, (const float* x, float slope, float* y, int64_t n))
EK_KERNEL(void, leaky_relu_grad, (const float* x, float slope, const float* gy, float* gx, int64_t n))
EK_KERNEL(void, sigmoid, (const float* x, float* y, int64_t n))
EK_KERNEL(void, sigmoid_grad, (const float* y, const float* gy, float* gx, int64_t n))
EK_KERNEL(void, tanh, (const float* x, float* y, int64_t n))
EK_KERNEL(void, tanh_grad, (const float* y, const float* gy, float* gx, int64_t n))

namespace ek::EK_ISA {
// y = max(x, 0); NaN stays NaN
void relu(const float* x, float* y, int64_t n) {
  map(x, y, n, [](vf x) { return max(zero(), x); });
}

// y = max(a + b, 0)
void add_relu(const float* a, const float* b, float* y, int64_t n) {
  map(a, b, y, n, [](vf a, vf b) { return max(zero(), add(a, b)); });
}

// gx = y <= 0 ? 0 : gy; NaN passes it on, as in PyTorch
void relu_grad(const float* y, const float* gy, float* gx, int64_t n) {
  map(y, gy, gx, n, [](vf y, vf gy) { return select(le(y, zero()), zero(), gy); });
}

// y = x > 0 ? x : slope x
void leaky_relu(const float* x, float slope, float* y, int64_t n) {
  map(x, y, n, [=](vf x) { return select(gt(x, zero()), x, mul(set(slope), x)); });
}

// gx = x > 0 ? gy : slope gy
void leaky_relu_grad(const float* x, float slope, const float* gy, float* gx, int64_t n) {
  map(x, gy, gx, n, [=](vf x, vf gy) { return select(gt(x, zero()), gy, mul(set(slope), gy)); });
}

// y = 1 / (1 + e^-x)
void sigmoid(const float* x, float* y, int64_t n) {
  map(x, y, n, [](vf x) { return sigmoid(x); });
}

// gx = gy y (1 - y)
void sigmoid_grad(const float* y, const float* gy, float* gx, int64_t n) {
  map(y, gy, gx, n, [](vf y, vf gy) { return mul(mul(gy, sub(set(1), y)), y); });
}

void tanh(const float* x, float* y, int64_t n) {
  map(x, y, n, [](vf x) { return tanh(x); });
}

// gx = gy (1 - y^2); factored, it stays exact near saturation
void tanh_grad(const float* y, const float* gy, float* gx, int64_t n) {
  map(y, gy, gx, n, [](vf y, vf gy) { return mul(gy, mul(sub(set(1), y), add(set(1), y))); });
}
}  // namespace ek::EK_ISA

#ifdef EK_BASE
extern "C" {
int ek_relu(const float* x, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(relu, x, y, n); });
}
int ek_add_relu(const float* a, const float* b, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(add_relu, a, b, y, n); });
}
int ek_relu_grad(const float* y, const float* gy, float* gx, int64_t n) {
  return ek::guarded([&] { EK_CALL(relu_grad, y, gy, gx, n); });
}
int ek_leaky_relu(const float* x, float slope, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(leaky_relu, x, slope, y, n); });
}
int ek_leaky_relu_grad(const float* x, float slope, const float* gy, float* gx, int64_t n) {
  return ek::guarded([&] { EK_CALL(leaky_relu_grad, x, slope, gy, gx, n); });
}
int ek_sigmoid(const float* x, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(sigmoid, x, y, n); });
}
int ek_sigmoid_grad(const float* y, const float* gy, float* gx, int64_t n) {
  return ek::guarded([&] { EK_CALL(sigmoid_grad, y, gy, gx, n); });
}
int ek_tanh(const float* x, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(tanh, x, y, n); });
}
int ek_tanh_grad(const float* y, const float* gy, float* gx, int64_t n) {
  return ek::guarded([&] { EK_CALL(tanh_grad, y, gy, gx, n); });
}
}
#endif
