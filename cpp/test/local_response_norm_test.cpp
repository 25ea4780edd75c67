// Local response normalization against the double formula: windows of both conventions, exponents, odd sizes.
#include <algorithm>

#include "testing.h"

using namespace testing_ek;

namespace {
struct Case {
  int64_t rows, c, before, after;
  float alpha, beta, k;
};
const Case kCases[] = {
    {1, 1, 0, 0, 1, 0.75f, 1},         {3, 7, 2, 2, 0.3f, 0.75f, 2},
    {5, 8, 1, 0, 0.5f, 0.5f, 1},       {100, 96, 2, 2, 2e-5f, 0.75f, 1},
    {9, 13, 3, 2, 0.1f, 1, 0.5f},      {17, 9, 20, 30, 0.2f, 1.3f, 1},
    {2, 64, 0, 5, 0.7f, 0.25f, 3},     {1000, 33, 2, 2, 0.25f, 0.75f, 0.1f},
    {100001, 3, 1, 1, 0.3f, 0.75f, 1}, {3, 20003, 2, 2, 0.3f, 0.75f, 1.5f},
    {0, 5, 1, 1, 1, 0.75f, 1},
};

Floats run(const Case& s, const Floats& x, const Floats& gy) {
  Floats y(x.size()), gx(x.size());
  EXPECT_EQ(ek_local_response_norm(s.rows, s.c, x.data(), s.before, s.after, s.alpha, s.beta, s.k, y.data()), EK_OK);
  EXPECT_EQ(
      ek_local_response_norm_grad(s.rows, s.c, x.data(), s.before, s.after, s.alpha, s.beta, s.k, gy.data(), gx.data()),
      EK_OK);
  y.insert(y.end(), gx.begin(), gx.end());
  return y;
}

TEST(LocalResponseNorm, ForwardAndGradient) {
  for (const Case& s : kCases) {
    const Floats x = uniform(s.rows * s.c, -3, 3), gy = normals(s.rows * s.c, 2);
    const std::string name = std::to_string(s.rows) + "x" + std::to_string(s.c);
    Doubles y(x.size()), gx(x.size());
    for (int64_t r = 0; r < s.rows; ++r)
      for (int64_t c = 0; c < s.c; ++c) {
        const auto at = [&](int64_t j) { return static_cast<size_t>(r * s.c + j); };
        const int64_t from = std::max<int64_t>(0, c - s.before), to = std::min(s.c - 1, c + s.after);
        double d = s.k;
        for (int64_t j = from; j <= to; ++j) d += static_cast<double>(s.alpha) * x[at(j)] * x[at(j)];
        y[at(c)] = x[at(c)] * std::pow(d, -static_cast<double>(s.beta));
        // what this output sends to each input of its window
        gx[at(c)] += gy[at(c)] * std::pow(d, -static_cast<double>(s.beta));
        for (int64_t j = from; j <= to; ++j) gx[at(j)] -= 2.0 * s.alpha * s.beta * gy[at(c)] * y[at(c)] / d * x[at(j)];
      }
    const Floats all = same_for_all_threads([&] { return run(s, x, gy); }, name);
    const auto half = all.begin() + static_cast<std::ptrdiff_t>(x.size());
    expect_close(Floats(all.begin(), half), y, 1e-6, name + " y");
    expect_close(Floats(half, all.end()), gx, 2e-6, name + " gx");
  }
}

// A single window of three channels by hand: d = 1 + 0.5 (1 + 4 + 4) = 5.5 in the middle.
TEST(LocalResponseNorm, ByHand) {
  const Floats x = {1, 2, 2};
  Floats y(3);
  ASSERT_EQ(ek_local_response_norm(1, 3, x.data(), 1, 1, 0.5f, 1, 1, y.data()), EK_OK);
  expect_close(y, {1 / 3.5, 2 / 5.5, 2 / 5.0}, 1e-7, "y");
}

TEST(LocalResponseNorm, SameFromManyCallers) {
  const Case s = {500, 96, 2, 2, 1e-4f, 0.75f, 2};
  const Floats x = normals(s.rows * s.c, 1), gy = normals(s.rows * s.c, 2);
  expect_same_at_once([&] { return run(s, x, gy); }, "local_response_norm");
}
}  // namespace
