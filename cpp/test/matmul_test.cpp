#include <algorithm>
#include <cmath>

#include "testing.h"

using namespace testing_ek;

namespace {
struct Case {
  int64_t batch, m, n, k;
  bool ta, tb, repeat_a, repeat_b;

  std::string name() const {
    return std::to_string(batch) + ": " + std::to_string(m) + "x" + std::to_string(n) + "x" + std::to_string(k) +
           (ta ? " ta" : "") + (tb ? " tb" : "") + (repeat_a ? " one a" : "") + (repeat_b ? " one b" : "");
  }
  int64_t a_size() const { return (repeat_a ? 1 : batch) * m * k; }
  int64_t b_size() const { return (repeat_b ? 1 : batch) * n * k; }

  Floats run(const Floats& a, const Floats& b) const {
    Floats c(static_cast<size_t>(batch * m * n), NAN);
    EXPECT_EQ(
        ek_matmul(batch, m, n, k, ta, tb, a.data(), repeat_a ? 0 : m * k, b.data(), repeat_b ? 0 : n * k, c.data()),
        EK_OK)
        << ek_error();
    return c;
  }
  Doubles expected(const Floats& a, const Floats& b) const {
    Doubles c;
    for (int64_t q = 0; q < batch; ++q) {
      const float* x = a.data() + (repeat_a ? 0 : q * m * k);
      const float* y = b.data() + (repeat_b ? 0 : q * n * k);
      for (int64_t i = 0; i < m; ++i)
        for (int64_t j = 0; j < n; ++j) {
          double s = 0;
          for (int64_t l = 0; l < k; ++l)
            s += static_cast<double>(x[ta ? l * m + i : i * k + l]) * y[tb ? j * k + l : l * n + j];
          c.push_back(s);
        }
    }
    return c;
  }
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const auto& s : std::vector<std::vector<int64_t>>{
           {1, 1, 1, 1},       {1, 4, 10, 10},    {1, 4, 10, 2},     {1, 16, 8, 16},    {1, 15, 17, 8},
           {2, 3, 21, 19},     {9, 5, 3, 6},      {1, 1, 37, 53},    {1, 53, 1, 37},    {3, 7, 9, 11},
           {5, 1, 8, 13},      {1, 100, 10, 313}, {2, 65, 33, 129},  {1, 1, 700, 1100}, {1, 1100, 1, 700},
           {1, 130, 257, 300}, {1, 301, 70, 259}, {1, 401, 43, 700}, {17, 64, 64, 61},  {1, 1, 1103, 71},
           {1, 2, 271, 202},   {1, 3, 258, 201},  {1, 4, 257, 399},  {1, 5, 255, 215},  {1, 6, 133, 97},
           {1, 7, 901, 130},   {1, 8, 129, 79},   {3, 5, 258, 203}})
    for (int flags = 0; flags < 16; ++flags) {
      const Case c{s[0], s[1], s[2], s[3], (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0, (flags & 8) != 0};
      if (c.batch > 1 || flags < 4) all.push_back(c);
    }
  return all;
}
}  // namespace

TEST(Matmul, IsExactOnIntegers) {
  for (const Case& c : cases()) {
    const Floats a = whole(c.a_size(), -3, 3, 1), b = whole(c.b_size(), -3, 3, 2);
    expect_close(c.run(a, b), c.expected(a, b), 0, c.name());
  }
}

TEST(Matmul, IsTheSameOnAllThreads) {
  for (const Case& c : cases()) {
    const Floats a = normals(c.a_size(), 1), b = normals(c.b_size(), 2);
    const Floats y = same_for_all_threads([&] { return c.run(a, b); }, c.name());
    expect_close(y, c.expected(a, b), 2e-6, c.name());
  }
}

// Where C is small k is cut, by shape alone. Errors grow with the root of k.
TEST(Matmul, DeepSums) {
  for (int flags = 0; flags < 4; ++flags)
    for (const int64_t k : {1100, 2100, 4111}) {
      const Case c{1, 61, 111, k, (flags & 1) != 0, (flags & 2) != 0, false, false};
      const Floats a = normals(c.a_size(), 1), b = normals(c.b_size(), 2);
      const Floats y = same_for_all_threads([&] { return c.run(a, b); }, c.name());
      expect_close(y, c.expected(a, b), 6e-6, c.name());
    }
}

TEST(Matmul, EmptySums) {
  Floats c(6, 7);
  ASSERT_EQ(ek_matmul(1, 2, 3, 0, 0, 0, c.data(), 0, c.data(), 0, c.data()), EK_OK);
  EXPECT_EQ(c, Floats(6, 0));
  ASSERT_EQ(ek_matmul(0, 2, 3, 4, 0, 0, c.data(), 0, c.data(), 0, c.data()), EK_OK);
}

TEST(Linear, AddsTheBias) {
  for (const auto& s : std::vector<std::vector<int64_t>>{{1, 10, 3136},
                                                         {1, 1, 5},
                                                         {7, 1, 300},
                                                         {4, 10, 10},
                                                         {100, 10, 3136},
                                                         {32, 128, 300},
                                                         {3, 1000, 1031},
                                                         {61, 111, 2100}}) {
    const int64_t m = s[0], n = s[1], k = s[2];
    const Floats x = whole(m * k, -3, 3, 1), w = whole(n * k, -3, 3, 2), b = whole(n, -3, 3, 3);
    for (bool bias : {false, true}) {
      const std::string name = std::to_string(m) + "x" + std::to_string(n) + "x" + std::to_string(k);
      const Floats y = same_for_all_threads(
          [&] {
            Floats out(static_cast<size_t>(m * n), NAN);
            EXPECT_EQ(ek_linear(m, n, k, x.data(), w.data(), bias ? b.data() : nullptr, EK_IDENTITY, out.data()),
                      EK_OK);
            return out;
          },
          name);
      Doubles e = Case{1, m, n, k, false, true, false, false}.expected(x, w);
      for (size_t i = 0; i < e.size() && bias; ++i) e[i] += b[i % static_cast<size_t>(n)];
      expect_close(y, e, 0, name);
    }
  }
}

namespace {
double activation(int a, double z) {
  switch (a) {
    case EK_RELU:
      return std::max(z, 0.0);
    case EK_RELU6:
      return std::min(std::max(z, 0.0), 6.0);
    case EK_TANH:
      return std::tanh(z);
    case EK_SIGMOID:
      return 1 / (1 + std::exp(-z));
    default:
      return z;
  }
}
// By y = activation(z).
double slope(int a, double y) {
  switch (a) {
    case EK_RELU:
      return y > 0;
    case EK_RELU6:
      return y > 0 && y < 6;
    case EK_TANH:
      return 1 - y * y;
    case EK_SIGMOID:
      return y * (1 - y);
    default:
      return 1;
  }
}
}  // namespace

TEST(Linear, ActivationsAndGradients) {
  for (const auto& s : std::vector<std::vector<int64_t>>{{1, 1, 1}, {4, 2, 3}, {3, 90, 7}, {33, 70, 129}})
    for (const int a : {EK_IDENTITY, EK_RELU, EK_TANH, EK_SIGMOID, EK_RELU6}) {
      const int64_t m = s[0], n = s[1], k = s[2];
      const std::string name =
          std::to_string(m) + "x" + std::to_string(n) + "x" + std::to_string(k) + ", activation " + std::to_string(a);
      const Floats x = normals(m * k, 1, 0, 1 / std::sqrt(static_cast<float>(k)));  // for sums of about 1
      const Floats w = normals(n * k, 2), b = normals(n, 3), gy = normals(m * n, 4);
      const Floats y = same_for_all_threads(
          [&] {
            Floats out(static_cast<size_t>(m * n), NAN);
            EXPECT_EQ(ek_linear(m, n, k, x.data(), w.data(), b.data(), a, out.data()), EK_OK);
            return out;
          },
          name);
      Doubles z = Case{1, m, n, k, false, true, false, false}.expected(x, w);
      for (size_t i = 0; i < z.size(); ++i) z[i] = activation(a, z[i] + b[i % static_cast<size_t>(n)]);
      expect_close(y, z, 2e-6, name);

      Floats gz(gy.size());
      Doubles gb(static_cast<size_t>(n), 0);
      for (size_t i = 0; i < gy.size(); ++i) {
        const double g = gy[i] * slope(a, y[i]);
        gz[i] = static_cast<float>(g);
        gb[i % static_cast<size_t>(n)] += g;
      }
      const auto gradients = [&](bool input, bool weight, bool bias) {
        return same_for_all_threads(
            [&] {
              Floats all(static_cast<size_t>(m * k + n * k + n), NAN);
              float* const gx = all.data();
              EXPECT_EQ(ek_linear_grad(m, n, k, x.data(), w.data(), a == EK_IDENTITY ? nullptr : y.data(), gy.data(), a,
                                       input ? gx : nullptr, weight ? gx + m * k : nullptr,
                                       bias ? gx + m * k + n * k : nullptr),
                        EK_OK);
              return all;
            },
            name);
      };
      const Floats all = gradients(true, true, true);
      const auto part = [&](int64_t from, int64_t to) { return Floats(all.begin() + from, all.begin() + to); };
      expect_close(part(0, m * k), Case{1, m, k, n, false, false, false, false}.expected(gz, w), 4e-6, name + " gx");
      expect_close(part(m * k, m * k + n * k), Case{1, n, k, m, true, false, false, false}.expected(gz, x), 4e-6,
                   name + " gw");
      expect_close(part(m * k + n * k, m * k + n * k + n), gb, 4e-6, name + " gb");
      const auto is_left_out = [](float v) { return std::isnan(v); };
      const Floats only = gradients(false, true, false);  // and the others are left alone
      EXPECT_TRUE(std::all_of(only.begin(), only.begin() + m * k, is_left_out));
      EXPECT_TRUE(std::equal(only.begin() + m * k, only.end() - n, all.begin() + m * k));
      EXPECT_TRUE(std::all_of(only.end() - n, only.end(), is_left_out));
    }
}

TEST(Linear, UnknownActivations) {
  float y = 0;
  EXPECT_EQ(ek_linear(1, 1, 1, &y, &y, nullptr, 9, &y), EK_INVALID);
  EXPECT_EQ(ek_linear_grad(1, 1, 1, &y, &y, &y, &y, -1, &y, nullptr, nullptr), EK_INVALID);
}

TEST(Matmul, SeveralCallersAtOnce) {
  for (const Case& c :
       {Case{1, 4, 10, 10, false, true, false, false}, Case{1, 130, 257, 300, true, false, false, false}}) {
    const Floats a = normals(c.a_size(), 1), b = normals(c.b_size(), 2);
    expect_same_at_once([&] { return c.run(a, b); }, c.name());
  }
}

TEST(Matmul, DenormalsCountAsZeroOnAllThreads) {
  const int64_t m = 130, n = 140, k = 90;
  Floats a = normals(m * k, 1), b = normals(k * n, 2);
  for (size_t i = 0; i < a.size(); i += 7) a[i] = 1e-40f;
  for (size_t i = 0; i < b.size(); i += 11) b[i] *= 1e-37f;
  const Floats c = same_for_all_threads([&] {
    Floats y(static_cast<size_t>(m * n));
    EXPECT_EQ(ek_matmul(1, m, n, k, 0, 0, a.data(), 0, b.data(), 0, y.data()), EK_OK);
    return y;
  });
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j) {
      double sum = 0;
      for (int64_t l = 0; l < k; ++l)
        sum += 1.0 * a[static_cast<size_t>(i * k + l)] * b[static_cast<size_t>(l * n + j)];
      ASSERT_NEAR(c[static_cast<size_t>(i * n + j)], sum, 1e-4);
    }
  if (std::string(ek_isa()) != "scalar") {  // there it is oneDNN's, which keeps them
    std::fill(a.begin(), a.end(), 1e-40f);
    std::fill(b.begin(), b.end(), 1e38f);
    Floats y(static_cast<size_t>(m * n), NAN);
    EXPECT_EQ(ek_matmul(1, m, n, k, 0, 0, a.data(), 0, b.data(), 0, y.data()), EK_OK);
    EXPECT_EQ(y, Floats(y.size(), 0.0f));
  }
  volatile float smallest = 1.4e-45f;  // the caller's own arithmetic is as it was
  EXPECT_GT(smallest * 2, 0.0f);
}
