// Layer norm against double formulas, over odd sizes, with large means and without gamma or beta.
#include "testing.h"

using namespace testing_ek;

namespace {
struct Shape {
  int64_t rows, n;
};
const Shape kShapes[] = {{1, 1},    {1, 3},     {7, 8},     {5, 9},      {100, 64},   {13, 1000},
                         {3, 5000}, {70000, 3}, {2000, 13}, {2, 100003}, {130, 4100}, {0, 4}};

struct Data {
  Data(const Shape& s, float mean, float std)
      : rows(s.rows),
        n(s.n),
        x(normals(rows * n, 1, mean, std)),
        gy(normals(rows * n, 2)),
        gamma(uniform(n, 0.5f, 2, 3)),
        beta(normals(n, 4)) {}
  int64_t rows, n;
  Floats x, gy, gamma, beta;
};

struct Wanted {
  Doubles y, gx, ggamma, gbeta;
};

// By the formulas, from the exact mean and variance.
Wanted reference(const Data& d, bool affine, double eps) {
  Wanted w{{}, {}, Doubles(static_cast<size_t>(d.n)), Doubles(static_cast<size_t>(d.n))};
  const double n = static_cast<double>(d.n);
  for (size_t r = 0; r < static_cast<size_t>(d.rows); ++r) {
    const size_t at = r * static_cast<size_t>(d.n);
    double mean = 0, variance = 0, a = 0, b = 0;
    for (size_t j = 0; j < d.gamma.size(); ++j) mean += d.x[at + j] / n;
    for (size_t j = 0; j < d.gamma.size(); ++j) variance += (d.x[at + j] - mean) * (d.x[at + j] - mean) / n;
    const double s = 1 / std::sqrt(variance + eps);
    const auto xhat = [&](size_t j) { return (d.x[at + j] - mean) * s; };
    const auto g = [&](size_t j) { return static_cast<double>(d.gy[at + j]) * (affine ? d.gamma[j] : 1); };
    for (size_t j = 0; j < d.gamma.size(); ++j) {
      w.y.push_back(affine ? xhat(j) * d.gamma[j] + d.beta[j] : xhat(j));
      a += g(j) / n;
      b += g(j) * xhat(j) / n;
      w.ggamma[j] += d.gy[at + j] * xhat(j);
      w.gbeta[j] += d.gy[at + j];
    }
    for (size_t j = 0; j < d.gamma.size(); ++j) w.gx.push_back(s * (g(j) - a - b * xhat(j)));
  }
  return w;
}

// y, gx, ggamma and gbeta one after the other
Floats run(const Data& d, bool affine, float eps) {
  const auto n = static_cast<size_t>(d.n);
  Floats y(d.x.size()), gx(d.x.size()), mean(static_cast<size_t>(d.rows)), invstd(mean), ggamma(n), gbeta(n);
  const float *gamma = affine ? d.gamma.data() : nullptr, *beta = affine ? d.beta.data() : nullptr;
  EXPECT_EQ(ek_layer_norm(d.rows, d.n, d.x.data(), gamma, beta, eps, y.data(), mean.data(), invstd.data()), EK_OK);
  EXPECT_EQ(ek_layer_norm_grad(d.rows, d.n, d.x.data(), d.gy.data(), gamma, mean.data(), invstd.data(), gx.data(),
                               ggamma.data(), gbeta.data()),
            EK_OK);
  Floats all(y);
  for (const Floats* part : {&gx, &ggamma, &gbeta}) all.insert(all.end(), part->begin(), part->end());
  return all;
}

void check(const Data& d, bool affine, float eps, double tolerance) {
  const std::string name = std::to_string(d.rows) + "x" + std::to_string(d.n);
  const Floats all = same_for_all_threads([&] { return run(d, affine, eps); }, name);
  const Wanted want = reference(d, affine, eps);
  auto at = all.begin();
  const auto next = [&](size_t n) {
    const Floats part(at, at + static_cast<std::ptrdiff_t>(n));
    at += static_cast<std::ptrdiff_t>(n);
    return part;
  };
  expect_close(next(d.x.size()), want.y, tolerance, name + " y");
  expect_close(next(d.x.size()), want.gx, tolerance, name + " gx");
  expect_close(next(d.gamma.size()), want.ggamma, tolerance, name + " ggamma");
  expect_close(next(d.gamma.size()), want.gbeta, tolerance, name + " gbeta");
}

TEST(LayerNorm, ForwardAndGradient) {
  for (const Shape& s : kShapes)
    for (bool affine : {true, false})  // a few numbers can be nearly equal, which magnifies the rounding of their mean
      check(Data(s, 0.5f, 2), affine, 1e-5f, s.n < 8 ? 1e-4 : 3e-6);
}

// Inputs are rounded at 1e4 / 2^23, a thousandth of the deviation; E[x^2] - E[x]^2 would be off by a hundred per cent.
TEST(LayerNorm, LargeMeansCancelNothing) {
  for (const Shape& s : {Shape{7, 64}, Shape{3, 5000}}) check(Data(s, 10000, 1), true, 1e-5f, 1e-3);
  const Floats x(64, 3e4f);
  Floats y(64), mean(1), invstd(1);
  ASSERT_EQ(ek_layer_norm(1, 64, x.data(), nullptr, nullptr, 1e-5f, y.data(), mean.data(), invstd.data()), EK_OK);
  EXPECT_EQ(y, Floats(64, 0));
  EXPECT_NEAR(invstd[0], 1 / std::sqrt(1e-5), 0.01);
}

TEST(LayerNorm, NanStaysInItsRow) {
  Floats x = normals(30, 1), y(30), mean(3), invstd(3);
  x[14] = NAN;
  ASSERT_EQ(ek_layer_norm(3, 10, x.data(), nullptr, nullptr, 1e-5f, y.data(), mean.data(), invstd.data()), EK_OK);
  for (int i = 0; i < 30; ++i) EXPECT_EQ(std::isnan(y[static_cast<size_t>(i)]), i / 10 == 1) << i;
}
}  // namespace
