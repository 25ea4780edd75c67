// Functions of one tensor, checked element by element against the double formula, over odd sizes and special values.
#include <cfloat>
#include <cstring>
#include <functional>

#include "testing.h"

using namespace testing_ek;

namespace {
typedef std::function<int(const float* x, const float* gy, float* out, int64_t n)> Kernel;
typedef std::function<double(double x, double gy)> Formula;

struct Case {
  const char* name;
  float low, high;  // range of x
  Kernel kernel;
  Formula formula;
  double tolerance = 0;  // relative
  bool special = true;   // also at zeros, infinities, NaN and the ends of the float range
};

// gradients in y are checked as functions of y; x stands for it
const Case kCases[] = {
    {"relu", -2, 2, [](auto x, auto, auto y, auto n) { return ek_relu(x, y, n); },
     [](double x, double) { return x < 0 ? 0 : x; }},
    {"relu_grad", -2, 2, ek_relu_grad, [](double x, double g) { return x <= 0 ? 0 : g; }},
    {"relu6", -3, 9, [](auto x, auto, auto y, auto n) { return ek_relu6(x, y, n); },
     [](double x, double) { return x < 0   ? 0
                                   : x > 6 ? 6
                                           : x; }},
    {"relu6_grad", -3, 9, ek_relu6_grad, [](double x, double g) { return x <= 0 || x >= 6 ? 0 : g; }},
    {"leaky_relu", -2, 2, [](auto x, auto, auto y, auto n) { return ek_leaky_relu(x, 0.25f, y, n); },
     [](double x, double) { return x > 0 ? x : x * 0.25; }},
    {"leaky_relu_grad", -2, 2, [](auto x, auto g, auto y, auto n) { return ek_leaky_relu_grad(x, 0.25f, g, y, n); },
     [](double x, double g) { return x > 0 ? g : g * 0.25; }},
    {"elu", -20, 2, [](auto x, auto, auto y, auto n) { return ek_elu(x, 0.5f, y, n); },
     [](double x, double) { return x > 0 ? x : 0.5 * std::expm1(x); }, 3e-7},
    {"elu_grad", -20, 2, [](auto x, auto g, auto y, auto n) { return ek_elu_grad(x, 0.5f, g, y, n); },
     [](double x, double g) { return x > 0 ? g : g * 0.5 * std::exp(x); }, 4e-7},
    {"gelu", -6, 6, [](auto x, auto, auto y, auto n) { return ek_gelu(x, 0, y, n); },
     [](double x, double) { return x * 0.5 * std::erfc(-x * std::sqrt(0.5)); }, 2e-6},
    {"gelu by tanh", -6, 6, [](auto x, auto, auto y, auto n) { return ek_gelu(x, 1, y, n); },
     [](double x, double) { return x / (1 + std::exp(-2 * std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x))); }, 6e-6},
    {"silu", -20, 20, [](auto x, auto, auto y, auto n) { return ek_silu(x, y, n); },
     [](double x, double) { return x < -88 && std::isfinite(x) ? 0 : x / (1 + std::exp(-x)); }, 4e-7},
    {"step", -2, 2, [](auto x, auto, auto y, auto n) { return ek_step(x, y, n); },
     [](double x, double) { return x > 0 ? 1 : 0; }},
    {"sigmoid", -20, 20, [](auto x, auto, auto y, auto n) { return ek_sigmoid(x, y, n); },
     [](double x, double) { return x < -88 ? 0 : 1 / (1 + std::exp(-x)); }, 3e-7},
    {"sigmoid_grad", 0, 1, ek_sigmoid_grad, [](double y, double g) { return g * y * (1 - y); }, 3e-7, false},
    {"tanh", -12, 12, [](auto x, auto, auto y, auto n) { return ek_tanh(x, y, n); },
     [](double x, double) { return std::tanh(x); }, 3e-7},
    {"tanh_grad", -1, 1, ek_tanh_grad, [](double y, double g) { return g * (1 - y * y); }, 4e-7, false},
    {"neg", -2, 2, [](auto x, auto, auto y, auto n) { return ek_neg(x, y, n); }, [](double x, double) { return -x; }},
    {"abs", -2, 2, [](auto x, auto, auto y, auto n) { return ek_abs(x, y, n); },
     [](double x, double) { return std::fabs(x); }},
    {"abs_grad", -2, 2, ek_abs_grad, [](double x, double g) { return x > 0   ? g
                                                                     : x < 0 ? -g
                                                                             : 0; }},
    {"square", -2, 2, [](auto x, auto, auto y, auto n) { return ek_square(x, y, n); },
     [](double x, double) { return x * x; }, 1e-7},
    {"square_grad", -2, 2, ek_square_grad, [](double x, double g) { return 2 * x * g; }, 1e-7, false},
    {"sqrt", 0, 4, [](auto x, auto, auto y, auto n) { return ek_sqrt(x, y, n); },
     [](double x, double) { return std::sqrt(x); }, 1e-7},
    {"sqrt_grad", 0.1f, 2, ek_sqrt_grad, [](double y, double g) { return g / (2 * y); }, 1e-7, false},
    {"exp", -87, 88, [](auto x, auto, auto y, auto n) { return ek_exp(x, y, n); },
     [](double x, double) { return std::exp(x); }, 2.4e-7},
    {"exp_grad", -2, 2, ek_exp_grad, [](double y, double g) { return g * y; }, 1e-7, false},
    {"log", 1e-6f, 4, [](auto x, auto, auto y, auto n) { return ek_log(x, y, n); },
     [](double x, double) { return std::log(x); }, 2.4e-7},
    {"log_grad", 0.1f, 2, ek_log_grad, [](double x, double g) { return g / x; }, 1e-7, false},
    {"clamp", -2, 2, [](auto x, auto, auto y, auto n) { return ek_clamp(x, -0.5f, 1.5f, y, n); },
     [](double x, double) { return x < -0.5  ? -0.5
                                   : x > 1.5 ? 1.5
                                             : x; }},
    {"clamp_grad", -2, 2, [](auto x, auto g, auto y, auto n) { return ek_clamp_grad(x, -0.5f, 1.5f, g, y, n); },
     [](double x, double g) { return x >= -0.5 && x <= 1.5 ? g : 0; }},
    {"affine", -2, 2, [](auto x, auto, auto y, auto n) { return ek_affine(x, 1, 0.5f, y, n); },
     [](double x, double) { return x + 0.5; }, 1e-7},
    {"div_scalar", -2, 2, [](auto x, auto, auto y, auto n) { return ek_div_scalar(x, 7, y, n); },
     [](double x, double) { return static_cast<float>(x) / 7.0f; }},
    {"reciprocal", 0.1f, 2, [](auto x, auto, auto y, auto n) { return ek_reciprocal(x, 3, y, n); },
     [](double x, double) { return 3 / x; }, 1e-7},
};

void check(const Case& c, const Floats& x, const Floats& g) {
  const auto n = static_cast<int64_t>(x.size());
  const Floats actual = same_for_all_threads(
      [&] {
        Floats y(x.size());
        EXPECT_EQ(c.kernel(x.data(), g.data(), y.data(), n), EK_OK);
        return y;
      },
      c.name);
  Doubles expected;
  for (size_t i = 0; i < x.size(); ++i) expected.push_back(c.formula(x[i], g[i]));
  EXPECT_LE(max_relative_error(actual, expected, FLT_MIN), c.tolerance) << c.name << " of " << n;
}

TEST(Elementwise, MatchesTheFormulaForOddSizes) {
  for (const Case& c : kCases)
    for (int64_t n : odd_sizes()) check(c, uniform(n, c.low, c.high), normals(n, 2));
}

TEST(Elementwise, SpecialValuesFollowIeee) {
  const Floats x = {0.0f,    -0.0f,    INFINITY,  -INFINITY, NAN,     FLT_MAX, -FLT_MAX, FLT_MIN,  1e-40f,  -1e-40f,
                    1e-45f,  1.0f,     -1.0f,     88.7f,     88.8f,   -87.4f,  -100.0f,  -103.9f,  -104.1f, 9.1f,
                    0.6249f, 0.62501f, 1.000001f, 0.999999f, -0.001f, 3e38f,   1e-38f,   0.70710f, 0.7072f};
  for (const Case& c : kCases)
    if (c.special) check(c, x, Floats(x.size(), 0.75f));
}

// These cross zero, where an error relative to the value itself has no bound.
TEST(Elementwise, GradientsOfGates) {
  const double tolerance = 2e-6;  // 1 - s of the gate s rounds, and is multiplied by x

  const double root = std::sqrt(2 / M_PI);
  for (int64_t n : odd_sizes()) {
    const Floats x = uniform(n, -9, 9), g = normals(n, 2);
    Doubles gelu, approximate, silu;
    for (size_t i = 0; i < x.size(); ++i) {
      const double v = x[i], s = 1 / (1 + std::exp(-v)), t = std::tanh(root * (v + 0.044715 * v * v * v));
      gelu.push_back(g[i] * (0.5 * std::erfc(-v * std::sqrt(0.5)) + v * std::exp(-v * v / 2) / std::sqrt(2 * M_PI)));
      approximate.push_back(g[i] * (0.5 * (1 + t) + 0.5 * v * (1 - t * t) * root * (1 + 3 * 0.044715 * v * v)));
      silu.push_back(g[i] * (s + v * s * (1 - s)));
    }
    const auto run = [&](const Kernel& kernel) {
      return same_for_all_threads([&] {
        Floats y(x.size());
        EXPECT_EQ(kernel(x.data(), g.data(), y.data(), n), EK_OK);
        return y;
      });
    };
    expect_close(run([](auto x, auto g, auto y, auto n) { return ek_gelu_grad(x, 0, g, y, n); }), gelu, tolerance,
                 "gelu");
    expect_close(run([](auto x, auto g, auto y, auto n) { return ek_gelu_grad(x, 1, g, y, n); }), approximate,
                 tolerance, "gelu by tanh");
    expect_close(run(ek_silu_grad), silu, tolerance, "silu");
  }
}

TEST(Elementwise, ZeroKeepsItsSign) {
  const Floats x = {-0.0f, 0.0f};
  Floats y(2);
  ek_tanh(x.data(), y.data(), 2);
  EXPECT_TRUE(std::signbit(y[0]) && !std::signbit(y[1]));
}

// Of every 1009th float; a product of a weight and tanh must not leave +-1 times the weight.
TEST(Elementwise, TanhIsWithinThreeUlpAndNeverBeyondOne) {
  Floats x, y;
  for (uint32_t bits = 0; bits <= 0x7f800000; bits += 1009) {
    float v;
    memcpy(&v, &bits, sizeof v);
    x.push_back(bits % 2 ? -v : v);
  }
  x.insert(x.end(), {INFINITY, -INFINITY, NAN});
  y.resize(x.size());
  ASSERT_EQ(ek_tanh(x.data(), y.data(), static_cast<int64_t>(x.size())), EK_OK);
  EXPECT_TRUE(std::isnan(y.back()));
  double worst = 0;
  for (size_t i = 0; i + 1 < x.size(); ++i) {
    const double expected = std::tanh(static_cast<double>(x[i]));
    const float nearest = std::fabs(static_cast<float>(expected));
    const double ulp = std::nextafter(nearest, 2.0f) - nearest;
    worst = std::max(worst, std::fabs(y[i] - expected) / ulp);
    ASSERT_LE(std::fabs(y[i]), 1) << "tanh " << x[i];
    if (std::fabs(x[i]) >= 9.2f) {
      ASSERT_EQ(std::fabs(y[i]), 1) << "tanh " << x[i];
    }
  }
  EXPECT_LT(worst, 3);
}

TEST(Elementwise, PowIsPowfForEveryExponent) {
  for (float e : {0.0f, 1.0f, 2.0f, 3.0f, -1.0f, 0.5f, -2.0f, 2.5f}) {
    Floats x = uniform(1003, e == 2.5f || e == 0.5f ? 0.1f : -2.0f, 2);
    x.insert(x.end(), {0.0f, INFINITY, NAN});
    const Floats g = normals(1006, 4);
    Floats y(1006), gx(1006);
    ASSERT_EQ(ek_pow(x.data(), e, y.data(), 1006), EK_OK);
    ASSERT_EQ(ek_pow_grad(x.data(), e, g.data(), gx.data(), 1006), EK_OK);
    Doubles power, grad;
    for (size_t i = 0; i < 1006; ++i) {
      power.push_back(std::pow(static_cast<double>(x[i]), e));
      grad.push_back(e == 0 ? 0 : g[i] * e * std::pow(static_cast<double>(x[i]), e - 1.0));
    }
    EXPECT_LE(max_relative_error(y, power), 2e-7) << e;
    EXPECT_LE(max_relative_error(gx, grad), 4e-7) << e;
  }
}

TEST(Elementwise, AxpyAndReciprocalGrad) {
  for (int64_t n : odd_sizes()) {
    const Floats x = uniform(n, 0.5f, 2), g = normals(n, 6);
    Floats y = normals(n, 7), gx(x.size());
    Doubles sum, grad;
    for (size_t i = 0; i < x.size(); ++i) {
      sum.push_back(y[i] + 0.5 * x[i]);
      grad.push_back(-static_cast<double>(g[i]) * y[i] / x[i]);
    }
    ASSERT_EQ(ek_reciprocal_grad(x.data(), y.data(), g.data(), gx.data(), n), EK_OK);
    ASSERT_EQ(ek_axpy(0.5f, x.data(), y.data(), n), EK_OK);
    expect_close(y, sum, 1e-7, "axpy");
    expect_close(gx, grad, 3e-7, "reciprocal_grad");
  }
}

TEST(Elementwise, WorksInPlaceAndOnNothing) {
  Floats x = uniform(77);
  Floats y(77);
  ek_exp(x.data(), y.data(), 77);
  ek_exp(x.data(), x.data(), 77);
  EXPECT_TRUE(same_bits(x, y));
  EXPECT_EQ(ek_relu(nullptr, nullptr, 0), EK_OK);
}
}  // namespace
