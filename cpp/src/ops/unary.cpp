// Element-wise functions of one tensor: forward beside gradient.
#include "unary.h"

#include "elementwise.h"
#include "error.h"
#include "isa.h"
#include "vmath.h"

EK_KERNEL(void, neg, (const float* x, float* y, int64_t n))
EK_KERNEL(void, abs, (const float* x, float* y, int64_t n))
EK_KERNEL(void, abs_grad, (const float* x, const float* gy, float* gx, int64_t n))
EK_KERNEL(void, square, (const float* x, float* y, int64_t n))
EK_KERNEL(void, square_grad, (const float* x, const float* gy, float* gx, int64_t n))
EK_KERNEL(void, sqrt, (const float* x, float* y, int64_t n))
EK_KERNEL(void, sqrt_grad, (const float* y, const float* gy, float* gx, int64_t n))
EK_KERNEL(void, exp, (const float* x, float* y, int64_t n))
EK_KERNEL(void, exp_grad, (const float* y, const float* gy, float* gx, int64_t n))
EK_KERNEL(void, log, (const float* x, float* y, int64_t n))
EK_KERNEL(void, log_grad, (const float* x, const float* gy, float* gx, int64_t n))
EK_KERNEL(void, pow, (const float* x, float exponent, float* y, int64_t n))
EK_KERNEL(void, pow_grad, (const float* x, float exponent, const float* gy, float* gx, int64_t n))
EK_KERNEL(void, clamp, (const float* x, float low, float high, float* y, int64_t n))
EK_KERNEL(void, clamp_grad, (const float* x, float low, float high, const float* gy, float* gx, int64_t n))
EK_KERNEL(void, affine, (const float* x, float a, float b, float* y, int64_t n))
EK_KERNEL(void, div_scalar, (const float* x, float a, float* y, int64_t n))
EK_KERNEL(void, reciprocal, (const float* x, float a, float* y, int64_t n))
EK_KERNEL(void, reciprocal_grad, (const float* x, const float* y, const float* gy, float* gx, int64_t n))

namespace ek::EK_ISA {
void neg(const float* x, float* y, int64_t n) {
  map(x, y, n, [](vf x) { return bit_xor(x, set(-0.0f)); });
}

void abs(const float* x, float* y, int64_t n) {
  map(x, y, n, [](vf x) { return abs(x); });
}

// gx = gy sign(x), 0 at 0
void abs_grad(const float* x, const float* gy, float* gx, int64_t n) {
  map(x, gy, gx, n,
      [](vf x, vf gy) { return select(gt(x, zero()), gy, bit_and(lt(x, zero()), bit_xor(gy, set(-0.0f)))); });
}

void square(const float* x, float* y, int64_t n) {
  map(x, y, n, [](vf x) { return mul(x, x); });
}

// gx = 2 x gy
void square_grad(const float* x, const float* gy, float* gx, int64_t n) {
  map(x, gy, gx, n, [](vf x, vf gy) { return mul(add(x, x), gy); });
}

void sqrt(const float* x, float* y, int64_t n) {
  map(x, y, n, [](vf x) { return sqrt(x); });
}

// gx = gy / (2 y)
void sqrt_grad(const float* y, const float* gy, float* gx, int64_t n) {
  map(y, gy, gx, n, [](vf y, vf gy) { return div(gy, add(y, y)); });
}

void exp(const float* x, float* y, int64_t n) {
  map(x, y, n, [](vf x) { return exp(x); });
}

// gx = gy y
void exp_grad(const float* y, const float* gy, float* gx, int64_t n) {
  map(y, gy, gx, n, [](vf y, vf gy) { return mul(gy, y); });
}

void log(const float* x, float* y, int64_t n) {
  map(x, y, n, [](vf x) { return log(x); });
}

// gx = gy / x
void log_grad(const float* x, const float* gy, float* gx, int64_t n) {
  map(x, gy, gx, n, [](vf x, vf gy) { return div(gy, x); });
}

// Calls f(power), power(x) being x^exponent on vf: whole exponents that people write, else libm.
template <class F>
EK_INLINE void with_power(float exponent, const F& f) {
  if (exponent == 0) return f([](vf) { return set(1); });
  if (exponent == 1) return f([](vf x) { return x; });
  if (exponent == 2) return f([](vf x) { return mul(x, x); });
  if (exponent == 3) return f([](vf x) { return mul(mul(x, x), x); });
  if (exponent == -1) return f([](vf x) { return div(set(1), x); });
  f([=](vf x) {
    float lanes[VF];
    store(lanes, x);
    for (int l = 0; l < VF; ++l) lanes[l] = ::powf(lanes[l], exponent);
    return load(lanes);
  });
}

void pow(const float* x, float exponent, float* y, int64_t n) {
  with_power(exponent, [=](const auto& power) { map(x, y, n, power); });
}

// gx = gy exponent x^(exponent - 1), 0 for exponent 0
void pow_grad(const float* x, float exponent, const float* gy, float* gx, int64_t n) {
  if (exponent == 0) return map(x, gx, n, [](vf) { return zero(); });
  with_power(exponent - 1, [=](const auto& power) {
    map(x, gy, gx, n, [=](vf x, vf gy) { return mul(gy, mul(set(exponent), power(x))); });
  });
}

// y = min(max(x, low), high); NaN stays NaN
void clamp(const float* x, float low, float high, float* y, int64_t n) {
  map(x, y, n, [=](vf x) { return min(set(high), max(set(low), x)); });
}

// gx = gy where low <= x <= high
void clamp_grad(const float* x, float low, float high, const float* gy, float* gx, int64_t n) {
  map(x, gy, gx, n, [=](vf x, vf gy) { return bit_and(bit_and(ge(x, set(low)), le(x, set(high))), gy); });
}

// y = a x + b
void affine(const float* x, float a, float b, float* y, int64_t n) {
  map(x, y, n, [=](vf x) { return fma(set(a), x, set(b)); });
}

// y = x / a
void div_scalar(const float* x, float a, float* y, int64_t n) {
  map(x, y, n, [=](vf x) { return div(x, set(a)); });
}

// y += a x
void axpy(float a, const float* x, float* y, int64_t n) {
  map(x, y, y, n, [=](vf x, vf y) { return fma(set(a), x, y); });
}

// y = a / x
void reciprocal(const float* x, float a, float* y, int64_t n) {
  map(x, y, n, [=](vf x) { return div(set(a), x); });
}

// gx = -gy y / x
void reciprocal_grad(const float* x, const float* y, const float* gy, float* gx, int64_t n) {
  map(x, y, gy, gx, n, [](vf x, vf y, vf gy) { return bit_xor(div(mul(gy, y), x), set(-0.0f)); });
}
}  // namespace ek::EK_ISA

#ifdef EK_BASE
extern "C" {
int ek_neg(const float* x, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(neg, x, y, n); });
}
int ek_abs(const float* x, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(abs, x, y, n); });
}
int ek_abs_grad(const float* x, const float* gy, float* gx, int64_t n) {
  return ek::guarded([&] { EK_CALL(abs_grad, x, gy, gx, n); });
}
int ek_square(const float* x, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(square, x, y, n); });
}
int ek_square_grad(const float* x, const float* gy, float* gx, int64_t n) {
  return ek::guarded([&] { EK_CALL(square_grad, x, gy, gx, n); });
}
int ek_sqrt(const float* x, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(sqrt, x, y, n); });
}
int ek_sqrt_grad(const float* y, const float* gy, float* gx, int64_t n) {
  return ek::guarded([&] { EK_CALL(sqrt_grad, y, gy, gx, n); });
}
int ek_exp(const float* x, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(exp, x, y, n); });
}
int ek_exp_grad(const float* y, const float* gy, float* gx, int64_t n) {
  return ek::guarded([&] { EK_CALL(exp_grad, y, gy, gx, n); });
}
int ek_log(const float* x, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(log, x, y, n); });
}
int ek_log_grad(const float* x, const float* gy, float* gx, int64_t n) {
  return ek::guarded([&] { EK_CALL(log_grad, x, gy, gx, n); });
}
int ek_pow(const float* x, float exponent, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(pow, x, exponent, y, n); });
}
int ek_pow_grad(const float* x, float exponent, const float* gy, float* gx, int64_t n) {
  return ek::guarded([&] { EK_CALL(pow_grad, x, exponent, gy, gx, n); });
}
int ek_clamp(const float* x, float low, float high, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(clamp, x, low, high, y, n); });
}
int ek_clamp_grad(const float* x, float low, float high, const float* gy, float* gx, int64_t n) {
  return ek::guarded([&] { EK_CALL(clamp_grad, x, low, high, gy, gx, n); });
}
int ek_affine(const float* x, float a, float b, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(affine, x, a, b, y, n); });
}
int ek_div_scalar(const float* x, float a, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(div_scalar, x, a, y, n); });
}
int ek_axpy(float a, const float* x, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(axpy, a, x, y, n); });
}
int ek_reciprocal(const float* x, float a, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(reciprocal, x, a, y, n); });
}
int ek_reciprocal_grad(const float* x, const float* y, const float* gy, float* gx, int64_t n) {
  return ek::guarded([&] { EK_CALL(reciprocal_grad, x, y, gy, gx, n); });
}
}
#endif
