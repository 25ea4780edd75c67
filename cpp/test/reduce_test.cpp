// Sums, extremes and their gradient over (outer, n, inner), against loops in double.
#include "testing.h"

using namespace testing_ek;

namespace {
struct Shape {
  int64_t outer, n, inner;
};
const Shape kShapes[] = {{1, 1, 1},     {1, 7, 1},      {3, 13, 1},     {1, 1000003, 1}, {2, 100003, 1}, {1000, 10, 1},
                         {1, 9, 3},     {1, 100003, 3}, {5, 64, 7},     {1, 3001, 16},   {1, 1000, 17},  {40, 65, 64},
                         {3, 301, 300}, {2, 3, 1000},   {1, 40001, 20}, {1, 5, 70001},   {20, 1, 33},    {0, 3, 4},
                         {3, 2, 0},     {1, 513, 1},    {1, 4, 10},     {1, 512, 64},    {1, 513, 64},   {1, 3, 65}};

size_t at(const Shape& s, int64_t o, int64_t k, int64_t i) { return static_cast<size_t>((o * s.n + k) * s.inner + i); }

template <class X, class F>
void each_output(const Shape& s, const std::vector<X>& x, const F& f) {
  for (int64_t o = 0; o < s.outer; ++o)
    for (int64_t i = 0; i < s.inner; ++i) {
      std::vector<X> row;
      for (int64_t k = 0; k < s.n; ++k) row.push_back(x[at(s, o, k, i)]);
      f(row, static_cast<size_t>(o * s.inner + i));
    }
}

TEST(Sum, IsAccurateForEveryShape) {
  for (const Shape& s : kShapes) {
    const Floats x = normals(s.outer * s.n * s.inner, 1, 1);
    Doubles expected;
    each_output(s, x, [&](const Floats& row, size_t) {
      double sum = 0;
      for (float v : row) sum += v;
      expected.push_back(0.5 * sum);
    });
    const Floats y = same_for_all_threads(
        [&] {
          Floats out(expected.size());
          EXPECT_EQ(ek_sum(s.outer, s.n, s.inner, x.data(), 0.5f, out.data()), EK_OK);
          return out;
        },
        "sum");
    expect_close(y, expected, 2e-7, "sum over " + std::to_string(s.n));
  }
}

TEST(Sum, IsExactOnWholeNumbersAndKeepsNan) {
  const Floats ones(static_cast<size_t>(1) << 25, 1);  // a float running sum stops at 2^24
  float y = 0;
  ek_sum(1, 1 << 25, 1, ones.data(), 1, &y);
  EXPECT_EQ(y, 33554432.0f);
  Floats x(3000, 1);
  x[1234] = NAN;
  ek_sum(1, 3000, 1, x.data(), 1, &y);
  EXPECT_TRUE(std::isnan(y));
  x[1234] = INFINITY;
  ek_sum(1, 3000, 1, x.data(), 1, &y);
  EXPECT_EQ(y, INFINITY);
  Floats none(3, 7);
  EXPECT_EQ(ek_sum(3, 0, 1, nullptr, 1, none.data()), EK_OK);
  EXPECT_EQ(none, Floats(3, 0));
}

template <class T>
void check_sum_long(int dtype, uint64_t below) {
  for (const Shape& s : kShapes) {
    std::mt19937_64 engine(1);
    std::vector<T> x(static_cast<size_t>(s.outer * s.n * s.inner));
    for (T& v : x) v = static_cast<T>(below ? engine() % below : engine());
    Longs expected, y(static_cast<size_t>(s.outer * s.inner));
    each_output(s, x, [&](const std::vector<T>& row, size_t) {
      uint64_t sum = 0;
      for (T v : row) sum += static_cast<uint64_t>(v);
      expected.push_back(static_cast<int64_t>(sum));
    });
    ASSERT_EQ(ek_sum_long(dtype, s.outer, s.n, s.inner, x.data(), y.data()), EK_OK);
    EXPECT_EQ(y, expected);
  }
}

TEST(SumLong, EveryType) {
  check_sum_long<int64_t>(EK_INT64, 0);
  check_sum_long<uint8_t>(EK_UINT8, 256);
  check_sum_long<uint8_t>(EK_BOOL, 2);
}

typedef int (*Extreme)(int64_t, int64_t, int64_t, const float*, float*, int64_t*);

void check_extreme(Extreme op, float sign, const char* name) {
  for (const Shape& s : kShapes)
    for (bool with_nan : {false, true}) {
      Floats x = whole(s.outer * s.n * s.inner, -50, 50);  // many ties: the first counts
      if (with_nan)
        for (size_t i = 5; i < x.size(); i += 37) x[i] = NAN;
      Floats values;
      Longs positions;
      each_output(s, x, [&](const Floats& row, size_t) {
        size_t best = 0;
        for (size_t k = 1; k < row.size(); ++k)
          if (!std::isnan(row[best]) && (std::isnan(row[k]) || sign * row[k] > sign * row[best])) best = k;
        values.push_back(row[best]);
        positions.push_back(static_cast<int64_t>(best));
      });
      const Longs index = same_for_all_threads([&] {
        Floats y(values.size());
        Longs out(values.size(), -1);
        EXPECT_EQ(op(s.outer, s.n, s.inner, x.data(), y.data(), out.data()), EK_OK);
        EXPECT_EQ(max_relative_error(y, values), 0) << name;
        return out;
      });
      EXPECT_EQ(index, positions) << name << " over " << s.n << ", inner " << s.inner;
      Longs alone(values.size(), -1);
      EXPECT_EQ(op(s.outer, s.n, s.inner, x.data(), nullptr, alone.data()), EK_OK);
      EXPECT_EQ(alone, positions);
    }
}

TEST(Extremes, Max) { check_extreme(ek_max, 1, "max"); }
TEST(Extremes, Min) { check_extreme(ek_min, -1, "min"); }

TEST(Extremes, Infinities) {
  for (int64_t inner : {1, 3}) {
    const Floats x(static_cast<size_t>(600 * inner), -INFINITY);
    Floats y(static_cast<size_t>(inner));
    Longs index(static_cast<size_t>(inner), 9);
    ek_max(1, 600, inner, x.data(), y.data(), index.data());
    EXPECT_EQ(y, Floats(static_cast<size_t>(inner), -INFINITY));
    EXPECT_EQ(index, Longs(static_cast<size_t>(inner), 0));
  }
  EXPECT_EQ(ek_max(2, 0, 1, nullptr, nullptr, nullptr), EK_INVALID);
  EXPECT_EQ(ek_min(2, 0, 1, nullptr, nullptr, nullptr), EK_INVALID);
}

TEST(SelectGrad, ScattersAndChecks) {
  for (const Shape& s : kShapes) {
    const Longs index = indices(s.outer * s.inner, s.n);
    const Floats gy = normals(s.outer * s.inner, 1);
    Floats expected(static_cast<size_t>(s.outer * s.n * s.inner), 0), gx(expected.size(), 7);
    for (int64_t o = 0; o < s.outer; ++o)
      for (int64_t i = 0; i < s.inner; ++i) {
        const auto k = static_cast<size_t>(o * s.inner + i);
        expected[at(s, o, index[k], i)] = gy[k];
      }
    ASSERT_EQ(ek_select_grad(s.outer, s.n, s.inner, gy.data(), index.data(), gx.data()), EK_OK);
    EXPECT_EQ(gx, expected);
  }
  const Longs bad = {0, 3};
  const Floats gy(2, 1);
  Floats gx(6, 7);
  EXPECT_EQ(ek_select_grad(2, 3, 1, gy.data(), bad.data(), gx.data()), EK_INVALID);
  EXPECT_STREQ(ek_error(), "index 3 at position 1 is outside 0..2");
  EXPECT_EQ(gx, Floats(6, 7));
}
}  // namespace
