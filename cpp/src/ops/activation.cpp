// ReLU, ReLU6, leaky ReLU, ELU, GELU, SiLU, sigmoid, step: forward beside gradient.
#include "activation.h"

#include "elementwise.h"
#include "error.h"
#include "isa.h"
#include "vmath.h"

EK_KERNEL(void, relu_grad, (const float* y, const float* gy, float* gx, int64_t n))
EK_KERNEL(void, relu6_grad, (const float* y, const float* gy, float* gx, int64_t n))
EK_KERNEL(void, add_relu, (const float* a, const float* b, float* y, int64_t n))
EK_KERNEL(void, leaky_relu, (const float* x, float slope, float* y, int64_t n))
EK_KERNEL(void, leaky_relu_grad, (const float* x, float slope, const float* gy, float* gx, int64_t n))
EK_KERNEL(void, elu, (const float* x, float alpha, float* y, int64_t n))
EK_KERNEL(void, elu_grad, (const float* x, float alpha, const float* gy, float* gx, int64_t n))
EK_KERNEL(void, gelu, (const float* x, int approximate, float* y, int64_t n))
EK_KERNEL(void, gelu_grad, (const float* x, int approximate, const float* gy, float* gx, int64_t n))
EK_KERNEL(void, silu, (const float* x, float* y, int64_t n))
EK_KERNEL(void, silu_grad, (const float* x, const float* gy, float* gx, int64_t n))
EK_KERNEL(void, step, (const float* x, float* y, int64_t n))
EK_KERNEL(void, sigmoid, (const float* x, float* y, int64_t n))
EK_KERNEL(void, sigmoid_grad, (const float* y, const float* gy, float* gx, int64_t n))

namespace ek::EK_ISA {
void rectify(const float* x, float ceiling, float* y, int64_t n) {
  map(x, y, n, [=](vf x) { return rectified(x, ceiling); });
}

// y = max(a + b, 0)
void add_relu(const float* a, const float* b, float* y, int64_t n) {
  map(a, b, y, n, [](vf a, vf b) { return max(zero(), add(a, b)); });
}

void relu_grad(const float* y, const float* gy, float* gx, int64_t n) {
  map(y, gy, gx, n, [](vf y, vf gy) { return relu_back(y, gy); });
}

void relu6_grad(const float* y, const float* gy, float* gx, int64_t n) {
  map(y, gy, gx, n, [](vf y, vf gy) { return rectified_back(y, gy, kRelu6); });
}

// y = x > 0 ? x : slope x
void leaky_relu(const float* x, float slope, float* y, int64_t n) {
  map(x, y, n, [=](vf x) { return select(gt(x, zero()), x, mul(set(slope), x)); });
}

// gx = x > 0 ? gy : slope gy
void leaky_relu_grad(const float* x, float slope, const float* gy, float* gx, int64_t n) {
  map(x, gy, gx, n, [=](vf x, vf gy) { return select(gt(x, zero()), gy, mul(set(slope), gy)); });
}

// y = x > 0 ? x : alpha (e^x - 1)
void elu(const float* x, float alpha, float* y, int64_t n) {
  map(x, y, n, [=](vf x) { return select(gt(x, zero()), x, mul(set(alpha), expm1_negative(x))); });
}

// gx = x > 0 ? gy : gy alpha e^x
void elu_grad(const float* x, float alpha, const float* gy, float* gx, int64_t n) {
  map(x, gy, gx, n, [=](vf x, vf gy) { return select(gt(x, zero()), gy, mul(gy, mul(set(alpha), exp(x)))); });
}

// 1 / (1 + e^-2u) = (1 + tanh u) / 2 for u = sqrt(2 / pi) (x + 0.044715 x^3); *slope = 2 du/dx
EK_INLINE vf gelu_gate(vf x, vf* slope) {
  const vf x2 = mul(x, x), c = set(1.59576912160573071f);
  *slope = mul(c, fma(x2, set(3 * 0.044715f), set(1)));
  return sigmoid(mul(c, mul(x, fma(x2, set(0.044715f), set(1)))));
}

// y = x Phi(x), or x (1 + tanh u) / 2
void gelu(const float* x, int approximate, float* y, int64_t n) {
  if (approximate)
    return map(x, y, n, [](vf x) {
      vf slope;
      return mul(x, gelu_gate(x, &slope));
    });
  map(x, y, n, [](vf x) {
    vf density;
    return mul(x, normal_cdf(x, &density));
  });
}

// gx = gy (Phi(x) + x density(x)), or gy (s + x s (1 - s) slope) for s = (1 + tanh u) / 2
void gelu_grad(const float* x, int approximate, const float* gy, float* gx, int64_t n) {
  if (approximate)
    return map(x, gy, gx, n, [](vf x, vf gy) {
      vf slope;
      const vf s = gelu_gate(x, &slope);
      return mul(gy, fma(mul(s, sub(set(1), s)), mul(x, slope), s));
    });
  map(x, gy, gx, n, [](vf x, vf gy) {
    vf density;
    const vf share = normal_cdf(x, &density);
    return mul(gy, fma(x, density, share));
  });
}

// y = x / (1 + e^-x)
void silu(const float* x, float* y, int64_t n) {
  map(x, y, n, [](vf x) { return div(x, add(set(1), exp(sub(zero(), x)))); });
}

// gx = gy s (1 + x (1 - s)) for s = 1 / (1 + e^-x)
void silu_grad(const float* x, const float* gy, float* gx, int64_t n) {
  map(x, gy, gx, n, [](vf x, vf gy) {
    const vf s = sigmoid(x);
    return mul(mul(gy, s), fma(x, sub(set(1), s), set(1)));
  });
}

// y = x > 0 ? 1 : 0
void step(const float* x, float* y, int64_t n) {
  map(x, y, n, [](vf x) { return bit_and(gt(x, zero()), set(1)); });
}

// y = 1 / (1 + e^-x)
void sigmoid(const float* x, float* y, int64_t n) {
  map(x, y, n, [](vf x) { return sigmoid(x); });
}

void sigmoid_grad(const float* y, const float* gy, float* gx, int64_t n) {
  map(y, gy, gx, n, [](vf y, vf gy) { return sigmoid_back(y, gy); });
}
}  // namespace ek::EK_ISA

#ifdef EK_BASE
float ek::ceiling_of(int activation) {
  switch (activation) {
    case EK_IDENTITY:
      return 0;
    case EK_RELU:
      return INFINITY;
    case EK_RELU6:
      return kRelu6;
    default:
      fail(EK_INVALID, "activation %d, expected EK_IDENTITY, EK_RELU or EK_RELU6", activation);
  }
}

void ek::activate(int activation, float* y, int64_t n) {
  switch (activation) {
    case EK_IDENTITY:
      return;
    case EK_TANH:
      return EK_CALL_ANY(tanh, y, y, n);
    case EK_SIGMOID:
      return EK_CALL(sigmoid, y, y, n);
    default:
      return EK_CALL(rectify, y, ceiling_of(activation), y, n);
  }
}

void ek::activate_grad(int activation, const float* y, const float* gy, float* gx, int64_t n) {
  switch (activation) {
    case EK_RELU:
      return EK_CALL(relu_grad, y, gy, gx, n);
    case EK_RELU6:
      return EK_CALL(relu6_grad, y, gy, gx, n);
    case EK_TANH:
      return EK_CALL(tanh_grad, y, gy, gx, n);
    case EK_SIGMOID:
      return EK_CALL(sigmoid_grad, y, gy, gx, n);
    default:
      fail(EK_INVALID, "activation %d, which has no gradient of its own", activation);
  }
}

extern "C" {
int ek_relu(const float* x, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(rectify, x, INFINITY, y, n); });
}
int ek_add_relu(const float* a, const float* b, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(add_relu, a, b, y, n); });
}
int ek_relu_grad(const float* y, const float* gy, float* gx, int64_t n) {
  return ek::guarded([&] { EK_CALL(relu_grad, y, gy, gx, n); });
}
int ek_relu6(const float* x, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(rectify, x, ek::kRelu6, y, n); });
}
int ek_relu6_grad(const float* y, const float* gy, float* gx, int64_t n) {
  return ek::guarded([&] { EK_CALL(relu6_grad, y, gy, gx, n); });
}
int ek_leaky_relu(const float* x, float slope, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(leaky_relu, x, slope, y, n); });
}
int ek_leaky_relu_grad(const float* x, float slope, const float* gy, float* gx, int64_t n) {
  return ek::guarded([&] { EK_CALL(leaky_relu_grad, x, slope, gy, gx, n); });
}
int ek_elu(const float* x, float alpha, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(elu, x, alpha, y, n); });
}
int ek_elu_grad(const float* x, float alpha, const float* gy, float* gx, int64_t n) {
  return ek::guarded([&] { EK_CALL(elu_grad, x, alpha, gy, gx, n); });
}
int ek_gelu(const float* x, int approximate, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(gelu, x, approximate, y, n); });
}
int ek_gelu_grad(const float* x, int approximate, const float* gy, float* gx, int64_t n) {
  return ek::guarded([&] { EK_CALL(gelu_grad, x, approximate, gy, gx, n); });
}
int ek_silu(const float* x, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(silu, x, y, n); });
}
int ek_silu_grad(const float* x, const float* gy, float* gx, int64_t n) {
  return ek::guarded([&] { EK_CALL(silu_grad, x, gy, gx, n); });
}
int ek_step(const float* x, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(step, x, y, n); });
}
int ek_sigmoid(const float* x, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(sigmoid, x, y, n); });
}
int ek_sigmoid_grad(const float* y, const float* gy, float* gx, int64_t n) {
  return ek::guarded([&] { EK_CALL(sigmoid_grad, y, gy, gx, n); });
}
}
#endif
