// Softmax, losses and their gradients against double formulas.
#include <algorithm>
#include <functional>
#include <string>

#include "testing.h"

using namespace testing_ek;

namespace {
struct Shape {
  int64_t rows, n;
};
const Shape kShapes[] = {{1, 1},   {3, 2},    {100, 10},  {7, 8},      {5, 9},
                         {13, 64}, {3, 1000}, {9001, 13}, {2, 100003}, {0, 4}};

Doubles softmax(const Floats& x, int64_t n) {
  Doubles p(x.begin(), x.end());
  for (auto row = p.begin(); row != p.end(); row += n) {
    const double top = *std::max_element(row, row + n);
    double sum = 0;
    for (int64_t j = 0; j < n; ++j) sum += row[j] = std::exp(row[j] - top);
    for (int64_t j = 0; j < n; ++j) row[j] /= sum;
  }
  return p;
}

// f(index) for every element
Doubles each(int64_t n, const std::function<double(size_t)>& f) {
  Doubles y;
  for (int64_t i = 0; i < n; ++i) y.push_back(f(static_cast<size_t>(i)));
  return y;
}

// The status of a kernel that fills `n` floats, and these; equal for any number of threads.
Floats run(int64_t n, const std::function<int(float*)>& kernel) {
  return same_for_all_threads([&] {
    Floats y(static_cast<size_t>(n), 7);
    EXPECT_EQ(kernel(y.data()), EK_OK);
    return y;
  });
}

Doubles reduced(const Doubles& losses, int reduction) {
  if (reduction == EK_NONE) return losses;
  double sum = 0;
  for (double l : losses) sum += l;
  return {reduction == EK_MEAN ? sum / static_cast<double>(losses.size()) : sum};
}

// The weight of element k of `count` in a loss whose gradient is gloss.
double weight(const Floats& gloss, size_t k, int64_t count, int reduction) {
  if (reduction == EK_NONE) return gloss[k];
  return reduction == EK_MEAN ? gloss[0] / static_cast<double>(count) : gloss[0];
}

TEST(Softmax, ForwardAndGradient) {
  for (const Shape& s : kShapes) {
    const int64_t size = s.rows * s.n;
    const auto n = static_cast<size_t>(s.n);
    const Floats x = normals(size, 1, 0, 5), gy = normals(size, 2);
    const Doubles p = softmax(x, s.n);
    const Floats y = run(size, [&](float* y) { return ek_softmax(s.rows, s.n, x.data(), y); });
    EXPECT_LE(max_relative_error(y, p), 4e-6);  // x - max rounds at 40
    const Floats l = run(size, [&](float* y) { return ek_log_softmax(s.rows, s.n, x.data(), y); });
    expect_close(l, each(size, [&](size_t i) { return std::log(p[i]); }), 1e-6, "log_softmax");

    Doubles dot(static_cast<size_t>(s.rows), 0), sum(dot), magnitude(dot);
    for (size_t i = 0; i < x.size(); ++i) {
      dot[i / n] += static_cast<double>(y[i]) * gy[i];
      sum[i / n] += gy[i];
    }
    const Floats g = run(size, [&](float* gx) { return ek_softmax_grad(s.rows, s.n, y.data(), gy.data(), gx); });
    expect_close(g, each(size, [&](size_t i) { return y[i] * (gy[i] - dot[i / n]); }), 1e-5, "softmax_grad");
    const Floats h = run(size, [&](float* gx) { return ek_log_softmax_grad(s.rows, s.n, l.data(), gy.data(), gx); });
    expect_close(h, each(size, [&](size_t i) { return gy[i] - std::exp(static_cast<double>(l[i])) * sum[i / n]; }),
                 2e-5, "log_softmax_grad");
  }
}

TEST(Softmax, ExtremeRows) {
  const Floats x = {1000, -1000, 0, -INFINITY, 5, -INFINITY, 3e38f, -3e38f, 3e38f, NAN, 0, 1};
  Floats y(12), l(12);
  ek_softmax(4, 3, x.data(), y.data());
  ek_log_softmax(4, 3, x.data(), l.data());
  EXPECT_EQ(Floats(y.begin(), y.begin() + 9), (Floats{1, 0, 0, 0, 1, 0, 0.5f, 0, 0.5f}));
  EXPECT_EQ(l[1], -2000);
  EXPECT_EQ(l[3], -INFINITY);
  for (int j = 9; j < 12; ++j) EXPECT_TRUE(std::isnan(y[j]) && std::isnan(l[j]));
}

TEST(CrossEntropy, ForwardAndGradient) {
  for (const Shape& s : kShapes)
    for (int reduction : {EK_NONE, EK_MEAN, EK_SUM}) {
      if (s.rows == 0) continue;
      const int64_t size = s.rows * s.n, count = reduction == EK_NONE ? s.rows : 1;
      const auto n = static_cast<size_t>(s.n);
      const Floats x = normals(size, 1, 0, 5), gloss = normals(count, 3);
      const Longs label = indices(s.rows, s.n);
      const Doubles want = softmax(x, s.n);
      const auto chosen = [&](size_t r) { return r * n + static_cast<size_t>(label[r]); };
      const Doubles losses = each(s.rows, [&](size_t r) { return -std::log(want[chosen(r)]); });
      Floats p(x.size());
      const Floats loss = run(count, [&](float* out) {
        return ek_cross_entropy(s.rows, s.n, x.data(), label.data(), reduction, out, p.data());
      });
      expect_close(loss, reduced(losses, reduction), 1e-6, "cross_entropy");
      EXPECT_LE(max_relative_error(p, want), 4e-6);
      const Floats gx = run(size, [&](float* out) {
        return ek_cross_entropy_grad(s.rows, s.n, p.data(), label.data(), reduction, gloss.data(), out);
      });
      const Doubles grad =
          each(size, [&](size_t i) { return (p[i] - (i == chosen(i / n))) * weight(gloss, i / n, s.rows, reduction); });
      expect_close(gx, grad, 1e-6, "cross_entropy_grad");

      const Floats nll =
          run(count, [&](float* out) { return ek_nll(s.rows, s.n, x.data(), label.data(), reduction, out); });
      expect_close(nll, reduced(each(s.rows, [&](size_t r) { return -x[chosen(r)]; }), reduction), 1e-6, "nll");
      const Floats h =
          run(size, [&](float* out) { return ek_nll_grad(s.rows, s.n, label.data(), reduction, gloss.data(), out); });
      expect_close(
          h, each(size, [&](size_t i) { return i == chosen(i / n) ? -weight(gloss, i / n, s.rows, reduction) : 0; }),
          1e-6, "nll_grad");
    }
}

TEST(CrossEntropy, StaysFiniteWhereSoftmaxUnderflows) {
  const Floats x = {0, 200, -200};
  const Longs label = {2};
  Floats loss(1), p(3);
  ek_cross_entropy(1, 3, x.data(), label.data(), EK_MEAN, loss.data(), p.data());
  EXPECT_EQ(loss[0], 400);
  EXPECT_EQ(p, (Floats{0, 1, 0}));
}

TEST(CrossEntropy, MeanOfNothingIsNan) {
  float loss = 0;
  EXPECT_EQ(ek_cross_entropy(0, 3, nullptr, nullptr, EK_MEAN, &loss, nullptr), EK_OK);
  EXPECT_TRUE(std::isnan(loss));
}

TEST(CrossEntropy, BadLabelIsNamedBeforeAnythingIsWritten) {
  const Floats x(50), gloss(5, 1);
  for (int64_t bad : {int64_t{12}, int64_t{10}, int64_t{-1}, int64_t{-100}, INT64_MIN, INT64_MAX}) {
    const Longs label = {0, 9, 5, bad, -7};
    Floats out(50, 7), loss(5, 7);
    const std::string message = "label " + std::to_string(bad) + " at row 3 is outside 0..9";
    const std::function<int()> calls[] = {
        [&] { return ek_cross_entropy(5, 10, x.data(), label.data(), EK_NONE, loss.data(), out.data()); },
        [&] { return ek_cross_entropy_grad(5, 10, x.data(), label.data(), EK_NONE, gloss.data(), out.data()); },
        [&] { return ek_nll(5, 10, x.data(), label.data(), EK_NONE, loss.data()); },
        [&] { return ek_nll_grad(5, 10, label.data(), EK_NONE, gloss.data(), out.data()); }};
    for (const auto& call : calls) {
      EXPECT_EQ(call(), EK_INVALID);
      EXPECT_EQ(ek_error(), message);
    }
    EXPECT_EQ(out, Floats(50, 7));
    EXPECT_EQ(loss, Floats(5, 7));
  }
}

TEST(PairLosses, ForwardAndGradient) {
  for (int64_t n : odd_sizes())
    for (int reduction : {EK_NONE, EK_MEAN, EK_SUM}) {
      const int64_t count = reduction == EK_NONE ? n : 1;
      const Floats x = uniform(n, 0.001f, 0.999f, 1), t = uniform(n, 0, 1, 2), gloss = normals(count, 3);
      const auto bce = [&](size_t i) { return -(t[i] * std::log(1.0 * x[i]) + (1.0 - t[i]) * std::log(1.0 - x[i])); };
      const auto mse = [&](size_t i) { return (1.0 * x[i] - t[i]) * (1.0 * x[i] - t[i]); };
      expect_close(run(count, [&](float* y) { return ek_bce(n, x.data(), t.data(), reduction, y); }),
                   reduced(each(n, bce), reduction), 1e-6, "bce");
      expect_close(run(count, [&](float* y) { return ek_mse(n, x.data(), t.data(), reduction, y); }),
                   reduced(each(n, mse), reduction), 1e-6, "mse");
      expect_close(
          run(n, [&](float* g) { return ek_bce_grad(n, x.data(), t.data(), reduction, gloss.data(), g); }),
          each(n,
               [&](size_t i) { return (1.0 * x[i] - t[i]) / (x[i] * (1.0 - x[i])) * weight(gloss, i, n, reduction); }),
          1e-6, "bce_grad");
      expect_close(run(n, [&](float* g) { return ek_mse_grad(n, x.data(), t.data(), reduction, gloss.data(), g); }),
                   each(n, [&](size_t i) { return 2 * (1.0 * x[i] - t[i]) * weight(gloss, i, n, reduction); }), 1e-6,
                   "mse_grad");
    }
}

TEST(PairLosses, BceWithLogits) {
  for (int64_t n : odd_sizes())
    for (int reduction : {EK_NONE, EK_MEAN, EK_SUM}) {
      const int64_t count = reduction == EK_NONE ? n : 1;
      const Floats x = uniform(n, -8, 8, 1), t = uniform(n, 0, 1, 2), gloss = normals(count, 3);
      const auto loss = [&](size_t i) { return std::log1p(std::exp(1.0 * x[i])) - 1.0 * x[i] * t[i]; };
      const auto slope = [&](size_t i) { return 1 / (1 + std::exp(-1.0 * x[i])) - t[i]; };
      expect_close(run(count, [&](float* y) { return ek_bce_with_logits(n, x.data(), t.data(), reduction, y); }),
                   reduced(each(n, loss), reduction), 1e-6, "bce_with_logits");
      expect_close(
          run(n, [&](float* g) { return ek_bce_with_logits_grad(n, x.data(), t.data(), reduction, gloss.data(), g); }),
          each(n, [&](size_t i) { return slope(i) * weight(gloss, i, n, reduction); }), 1e-6, "bce_with_logits_grad");
    }
}

// Where the prediction is as good or as bad as can be, to the last digits.
TEST(PairLosses, BceWithLogitsAtTheEnds) {
  const Floats x = {30, -30, 30, -30, 1000, -1000, NAN}, t = {1, 0, 0, 1, 0, 1, 0}, one = {1};
  Floats y(7), g(7);
  ek_bce_with_logits(7, x.data(), t.data(), EK_NONE, y.data());
  ek_bce_with_logits_grad(7, x.data(), t.data(), EK_SUM, one.data(), g.data());
  const float tiny = 9.3576230e-14f;  // e^-30
  const Floats loss = {tiny, tiny, 30, 30, 1000, 1000}, slope = {-tiny, tiny, 1, -1, 1, -1};
  for (size_t i = 0; i < 6; ++i) {
    EXPECT_NEAR(y[i], loss[i], 1e-6f * loss[i]) << i;
    EXPECT_NEAR(g[i], slope[i], 1e-6f * std::abs(slope[i])) << i;
  }
  EXPECT_TRUE(std::isnan(y[6]));
}

TEST(PairLosses, BceIsClampedAndAccurateAtTheEnds) {
  const Floats x = {0, 1, 0, 1, 1e-10f, 1e-30f}, t = {0, 1, 1, 0, 0, 1};
  Floats y(6);
  ASSERT_EQ(ek_bce(6, x.data(), t.data(), EK_NONE, y.data()), EK_OK);
  EXPECT_EQ(Floats(y.begin(), y.begin() + 4), (Floats{0, 0, 100, 100}));
  EXPECT_FLOAT_EQ(y[4], 1e-10f);
  EXPECT_FLOAT_EQ(y[5], 69.0775528f);
  const Floats one = {1};
  ek_bce_grad(6, x.data(), t.data(), EK_SUM, one.data(), y.data());
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(std::isfinite(y[i])) << i;
}

// Wherever it stands: within vectors, behind them, and in a later chunk.
TEST(PairLosses, BceRefusesWhatIsNoProbability) {
  const size_t n = 100003;
  const Floats t(n, 1);
  for (float bad : {-0.25f, 1.5f, NAN, -INFINITY})
    for (size_t at : {size_t{0}, size_t{17}, n / 2, n - 1}) {
      Floats x(n, 0.5f), loss = {7};
      x[at] = bad;
      EXPECT_EQ(ek_bce(static_cast<int64_t>(n), x.data(), t.data(), EK_SUM, loss.data()), EK_INVALID);
      EXPECT_NE(std::string(ek_error()).find("at position " + std::to_string(at)), std::string::npos) << ek_error();
      EXPECT_EQ(loss[0], 7);
    }
}
}  // namespace
