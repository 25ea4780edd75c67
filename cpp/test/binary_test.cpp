// Arithmetic and comparisons with broadcasting, against plain index arithmetic.
#include "testing.h"

using namespace testing_ek;

namespace {
typedef std::vector<ek_dim> Dims;
typedef int (*Binary)(int, const ek_dim*, const ek_dim*, const ek_dim*, const float*, const float*, float*);

// Strides are in elements; a stride of 0 repeats.
struct Case {
  Dims dims, xs, ys;
};

const Case kCases[] = {
    {{}, {}, {}},                                          // one number
    {{7}, {1}, {1}},                                       //
    {{3, 13}, {13, 1}, {13, 1}},                           // same shape
    {{3, 40}, {40, 1}, {0, 1}},                            // a row
    {{3, 40}, {1, 0}, {40, 1}},                            // a column
    {{30011, 3}, {3, 1}, {0, 1}},                          // a short row, many chunks
    {{30011, 3}, {1, 0}, {3, 1}},                          // a short column
    {{5, 9}, {0, 0}, {9, 1}},                              // a number
    {{64}, {0}, {0}},                                      // two numbers
    {{2, 3, 4, 5}, {60, 20, 5, 1}, {0, 1, 0, 0}},          // a channel of NCHW
    {{2, 3, 4, 5}, {3, 1, 6, 24}, {60, 20, 5, 1}},         // permuted
    {{2, 1, 4, 1, 5}, {20, 9, 5, 9, 1}, {5, 9, 0, 9, 1}},  // extents of 1 with any stride
    {{1000003}, {1}, {0}},                                 //
    {{101, 331}, {331, 1}, {1, 101}},                      // transposed
    {{4, 600}, {0, 1}, {0, 1}},                            // two rows
    {{2, 2, 2, 2, 2, 2, 2, 2, 2}, {0, 1, 0, 2, 0, 4, 0, 8, 0}, {16, 0, 8, 0, 4, 0, 2, 0, 1}},
    {{3, 0, 5}, {0, 5, 1}, {0, 0, 1}},  // nothing
};

// f(flat index, offset in x, offset in y)
template <class F>
void each(const Case& c, const F& f) {
  int64_t n = 1;
  for (ek_dim d : c.dims) n *= d;
  for (int64_t i = 0; i < n; ++i) {
    int64_t rest = i, a = 0, b = 0;
    for (size_t d = c.dims.size(); d-- > 0; rest /= c.dims[d]) {
      a += rest % c.dims[d] * c.xs[d];
      b += rest % c.dims[d] * c.ys[d];
    }
    f(i, a, b);
  }
}

int64_t extent(const Case& c, const Dims& strides) {
  int64_t last = 0;
  for (size_t d = 0; d < c.dims.size(); ++d) last += (c.dims[d] - 1) * strides[d];
  return last + 1 > 0 ? last + 1 : 1;
}

void check(Binary op, float (*formula)(float, float), const char* name) {
  for (const Case& c : kCases) {
    const Floats x = uniform(extent(c, c.xs), 0.5f, 2, 1), y = uniform(extent(c, c.ys), 0.5f, 2, 2);
    Floats expected;
    each(c, [&](int64_t, int64_t a, int64_t b) {
      expected.push_back(formula(x[static_cast<size_t>(a)], y[static_cast<size_t>(b)]));
    });
    const Floats actual = same_for_all_threads(
        [&] {
          Floats z(expected.size());
          EXPECT_EQ(op(static_cast<int>(c.dims.size()), c.dims.data(), c.xs.data(), c.ys.data(), x.data(), y.data(),
                       z.data()),
                    EK_OK);
          return z;
        },
        name);
    EXPECT_TRUE(same_bits(actual, expected)) << name << " of " << expected.size();
  }
}

TEST(Binary, Add) {
  check(
      ek_add, [](float a, float b) { return a + b; }, "add");
}
TEST(Binary, Sub) {
  check(
      ek_sub, [](float a, float b) { return a - b; }, "sub");
}
TEST(Binary, Mul) {
  check(
      ek_mul, [](float a, float b) { return a * b; }, "mul");
}
TEST(Binary, Div) {
  check(
      ek_div, [](float a, float b) { return a / b; }, "div");
}
TEST(Binary, Maximum) {
  check(
      ek_maximum, [](float a, float b) { return a > b ? a : b; }, "maximum");
}
TEST(Binary, Minimum) {
  check(
      ek_minimum, [](float a, float b) { return a < b ? a : b; }, "minimum");
}

TEST(Binary, MaximumAndMinimumKeepNan) {
  const Floats x = {NAN, 1, NAN}, y = {1, NAN, NAN};
  const ek_dim n = 3, one = 1;
  Floats z(3), w(3);
  ek_maximum(1, &n, &one, &one, x.data(), y.data(), z.data());
  ek_minimum(1, &n, &one, &one, x.data(), y.data(), w.data());
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(std::isnan(z[i]) && std::isnan(w[i]));
}

TEST(Binary, RefusesTooManyDimensions) {
  const Dims dims(20, 2), strides(20, 0);
  float x = 1, z = 0;
  Dims ys;
  for (int d = 0; d < 20; ++d) ys.push_back(d % 2);
  EXPECT_EQ(ek_add(20, dims.data(), strides.data(), ys.data(), &x, &x, &z), EK_INVALID);
  EXPECT_STREQ(ek_error(), "more than 16 dimensions");
}

template <class T>
bool holds(int comparison, T a, T b) {
  switch (comparison) {
    case EK_EQ:
      return a == b;
    case EK_NE:
      return a != b;
    case EK_LT:
      return a < b;
    case EK_LE:
      return a <= b;
    case EK_GT:
      return a > b;
    default:
      return a >= b;
  }
}

template <class T>
void check_compare(int dtype, const std::vector<T>& values) {
  for (int comparison = EK_EQ; comparison <= EK_GE; ++comparison)
    for (const Case& c : kCases) {
      std::vector<T> x, y;
      for (int64_t i = 0; i < extent(c, c.xs); ++i) x.push_back(values[static_cast<size_t>(i * 7 % 11)]);
      for (int64_t i = 0; i < extent(c, c.ys); ++i) y.push_back(values[static_cast<size_t>(i * 5 % 11)]);
      Bytes expected;
      each(c, [&](int64_t, int64_t a, int64_t b) {
        expected.push_back(holds(comparison, x[static_cast<size_t>(a)], y[static_cast<size_t>(b)]));
      });
      Bytes z(expected.size(), 9);
      ASSERT_EQ(ek_compare(comparison, dtype, static_cast<int>(c.dims.size()), c.dims.data(), c.xs.data(), c.ys.data(),
                           x.data(), y.data(), z.data()),
                EK_OK);
      EXPECT_TRUE(same_bits(z, expected)) << dtype << " " << comparison;
    }
}

TEST(Compare, TwoOperandsOfEveryType) {
  check_compare<float>(EK_FLOAT32, {0, -0.0f, 1, -1, NAN, INFINITY, -INFINITY, 0.5f, 2, 3, 1e-40f});
  check_compare<int64_t>(EK_INT64, {0, 1, -1, INT64_MAX, INT64_MIN, 2, 3, INT64_MAX - 1, 5, 6, 7});
  check_compare<uint8_t>(EK_UINT8, {0, 1, 255, 127, 128, 2, 3, 4, 5, 6, 7});
  check_compare<uint8_t>(EK_BOOL, {0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 0});
}

template <class T>
Bytes against(int comparison, int dtype, const std::vector<T>& x, double value) {
  Bytes z(x.size());
  EXPECT_EQ(ek_compare_scalar(comparison, dtype, x.data(), value, z.data(), static_cast<int64_t>(x.size())), EK_OK);
  return z;
}

TEST(Compare, WithANumber) {
  EXPECT_EQ(against<float>(EK_EQ, EK_FLOAT32, {0.1f, 0.2f, NAN}, 0.1), (Bytes{1, 0, 0}));
  EXPECT_EQ(against<float>(EK_NE, EK_FLOAT32, {0.1f, 0.2f, NAN}, 0.1), (Bytes{0, 1, 1}));
  EXPECT_EQ(against<float>(EK_GT, EK_FLOAT32, {-1, 0, 1, INFINITY}, 0), (Bytes{0, 0, 1, 1}));
  const int64_t big = (int64_t{1} << 53) + 1;  // the next double below is 2^53
  EXPECT_EQ(against<int64_t>(EK_EQ, EK_INT64, {big, big - 1}, 9007199254740992.0), (Bytes{0, 1}));
  EXPECT_EQ(against<int64_t>(EK_GE, EK_INT64, {1, 2, 3}, 1.5), (Bytes{0, 1, 1}));
  EXPECT_EQ(against<int64_t>(EK_LT, EK_INT64, {1, INT64_MAX}, INFINITY), (Bytes{1, 1}));
  EXPECT_EQ(against<uint8_t>(EK_LE, EK_UINT8, {0, 2, 255}, 2.5), (Bytes{1, 1, 0}));
  const float x = 0;
  uint8_t z = 0;
  EXPECT_EQ(ek_compare_scalar(17, EK_FLOAT32, &x, 0, &z, 1), EK_INVALID);
}
}  // namespace
