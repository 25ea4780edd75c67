// Rows of element-wise operations of one operand; the kernels alone on other sizes are in elementwise_bench.cpp.
#include "row.h"

namespace {
template <class F, class G>
Op unary(const Row& r, F f, G g) {
  const int64_t n = r.size(0);
  const Buffer x(n), y(n), gy(n), gx(n);
  return op([=] { f(x, y, n); }, [=] { g(x, y, gy, gx, n); });
}

using Kernel = int (*)(const float*, float*, int64_t);
using Grad = int (*)(const float*, const float*, float*, int64_t);

Family keeps_x(const char* name, Kernel f, Grad g) {
  return {name, [=](const Row& r) {
            return unary(r, f, [=](float* x, float*, float* gy, float* gx, int64_t n) { g(x, gy, gx, n); });
          }};
}
Family keeps_y(const char* name, Kernel f, Grad g) {
  return {name, [=](const Row& r) {
            return unary(r, f, [=](float*, float* y, float* gy, float* gx, int64_t n) { g(y, gy, gx, n); });
          }};
}

const Family kKernels[] = {
    keeps_x("abs", ek_abs, ek_abs_grad),    keeps_x("square", ek_square, ek_square_grad),
    keeps_x("log", ek_log, ek_log_grad),    keeps_x("silu", ek_silu, ek_silu_grad),
    keeps_y("sqrt", ek_sqrt, ek_sqrt_grad), keeps_y("exp", ek_exp, ek_exp_grad),
    keeps_y("relu", ek_relu, ek_relu_grad), keeps_y("relu6", ek_relu6, ek_relu6_grad),
    keeps_y("tanh", ek_tanh, ek_tanh_grad), keeps_y("sigmoid", ek_sigmoid, ek_sigmoid_grad),
};

const Family kNeg("neg", [](const Row& r) {
  return unary(r, ek_neg, [](float*, float*, float* gy, float* gx, int64_t n) { ek_neg(gy, gx, n); });
});
const Family kPow("pow", [](const Row& r) {
  const float e = r.number(0);
  return unary(
      r, [=](float* x, float* y, int64_t n) { ek_pow(x, e, y, n); },
      [=](float* x, float*, float* gy, float* gx, int64_t n) { ek_pow_grad(x, e, gy, gx, n); });
});
const Family kClamp("clamp", [](const Row& r) {
  const float low = r.number(0), high = r.number(1);
  return unary(
      r, [=](float* x, float* y, int64_t n) { ek_clamp(x, low, high, y, n); },
      [=](float* x, float*, float* gy, float* gx, int64_t n) { ek_clamp_grad(x, low, high, gy, gx, n); });
});
const Family kAffine("affine", [](const Row& r) {
  const float a = r.number(0), b = r.number(1);
  return unary(
      r, [=](float* x, float* y, int64_t n) { ek_affine(x, a, b, y, n); },
      [=](float*, float*, float* gy, float* gx, int64_t n) {
        a == 1 ? ek_copy(gy, gx, 4 * n) : ek_affine(gy, a, 0, gx, n);
      });
});
const Family kDivScalar("divScalar", [](const Row& r) {
  const float a = r.number(0);
  return unary(
      r, [=](float* x, float* y, int64_t n) { ek_div_scalar(x, a, y, n); },
      [=](float*, float*, float* gy, float* gx, int64_t n) { ek_div_scalar(gy, a, gx, n); });
});
const Family kReciprocal("reciprocal", [](const Row& r) {
  const float a = r.number(0);
  return unary(
      r, [=](float* x, float* y, int64_t n) { ek_reciprocal(x, a, y, n); },
      [](float* x, float* y, float* gy, float* gx, int64_t n) { ek_reciprocal_grad(x, y, gy, gx, n); });
});
const Family kLeakyRelu("leakyRelu", [](const Row& r) {
  const float slope = r.number(0);
  return unary(
      r, [=](float* x, float* y, int64_t n) { ek_leaky_relu(x, slope, y, n); },
      [=](float* x, float*, float* gy, float* gx, int64_t n) { ek_leaky_relu_grad(x, slope, gy, gx, n); });
});
const Family kElu("elu", [](const Row& r) {
  const float alpha = r.number(0);
  return unary(
      r, [=](float* x, float* y, int64_t n) { ek_elu(x, alpha, y, n); },
      [=](float* x, float*, float* gy, float* gx, int64_t n) { ek_elu_grad(x, alpha, gy, gx, n); });
});
const Family kGelu("gelu", [](const Row& r) {
  const int approximate = static_cast<int>(r.integer(0));
  return unary(
      r, [=](float* x, float* y, int64_t n) { ek_gelu(x, approximate, y, n); },
      [=](float* x, float*, float* gy, float* gx, int64_t n) { ek_gelu_grad(x, approximate, gy, gx, n); });
});
const Family kStep("step", [](const Row& r) {
  return unary(r, ek_step, [](float*, float*, float*, float* gx, int64_t n) { ek_fill_float(gx, 0, n); });
});
const Family kDropout("dropout", [](const Row& r) {
  const float p = r.number(0);
  return unary(
      r, [=](float* x, float* y, int64_t n) { ek_dropout(5, 1000, p, x, y, n); },
      [=](float*, float*, float* gy, float* gx, int64_t n) { ek_dropout(5, 1000, p, gy, gx, n); });
});
const Family kCast("cast", [](const Row& r) {
  const int64_t n = r.size(0);
  const int to = static_cast<int>(r.integer(0));
  const Buffer x(n), y(2 * n);
  return Op{[=] { ek_cast(EK_FLOAT32, x, to, y, n); }, {}};
});
}  // namespace
