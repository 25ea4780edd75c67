// Copies, fills, strided copies, conversions and rows by index.
#include <algorithm>
#include <numeric>

#include "testing.h"

using namespace testing_ek;

namespace {
typedef std::vector<ek_dim> Dims;

struct Case {
  const char* name;
  Dims dims, xs, ys;
  int64_t from = 0;  // offset of the first element of x, for steps backwards
};

const Case kCases[] = {
    {"number", {}, {}, {}},
    {"dense", {3, 41}, {41, 1}, {41, 1}},
    {"NCHW to channels-last", {3, 17, 19, 23}, {17 * 19 * 23, 19 * 23, 23, 1}, {17 * 19 * 23, 1, 23 * 17, 17}},
    {"channels-last to NCHW", {3, 17, 19, 23}, {17 * 19 * 23, 1, 23 * 17, 17}, {17 * 19 * 23, 19 * 23, 23, 1}},
    {"3 channels in", {5, 3, 4096}, {3 * 4096, 4096, 1}, {3 * 4096, 1, 3}},
    {"3 channels out", {5, 3, 4096}, {3 * 4096, 1, 3}, {3 * 4096, 4096, 1}},
    {"transpose", {1000, 131}, {131, 1}, {1, 1000}},
    {"transpose 8x8", {8, 8}, {1, 8}, {8, 1}},
    {"transpose 9x7", {9, 7}, {1, 9}, {7, 1}},
    {"slice of columns", {6, 40}, {100, 1}, {40, 1}, 13},
    {"into columns", {6, 40}, {40, 1}, {100, 1}},
    {"every other", {5, 20}, {80, 2}, {20, 1}},
    {"flipped", {6, 7}, {7, -1}, {7, 1}, 6},
    {"expanded", {4, 50}, {1, 0}, {50, 1}},
    {"expanded rows", {4, 50}, {0, 1}, {50, 1}},
    {"three permuted", {11, 12, 13}, {1, 11, 132}, {156, 13, 1}},
    {"transposed slice", {40, 9}, {1, 64}, {9, 1}, 5},
    {"extents of 1", {1, 40, 1, 30, 1}, {7, 1, 0, 40, 5}, {7, 30, 3, 1, 5}},
    {"nothing", {4, 0, 3}, {0, 3, 1}, {0, 3, 1}},
};

// Where the last element lies.
int64_t extent(const Case& c, const Dims& strides) {
  int64_t last = 0;
  for (size_t d = 0; d < c.dims.size(); ++d) last += (c.dims[d] - 1) * std::max<ek_dim>(strides[d], 0);
  return std::max<int64_t>(last + 1, 1);
}

template <class T>
void check_strided() {
  for (const Case& c : kCases) {
    std::vector<T> x(static_cast<size_t>(extent(c, c.xs) + c.from));
    for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(i + 1);
    std::vector<T> expected(static_cast<size_t>(extent(c, c.ys)), 0);
    const int64_t n = std::accumulate(c.dims.begin(), c.dims.end(), int64_t{1}, std::multiplies<int64_t>());
    for (int64_t i = 0; i < n; ++i) {
      int64_t rest = i, a = c.from, b = 0;
      for (size_t d = c.dims.size(); d-- > 0; rest /= c.dims[d]) {
        a += rest % c.dims[d] * c.xs[d];
        b += rest % c.dims[d] * c.ys[d];
      }
      expected[static_cast<size_t>(b)] = x[static_cast<size_t>(a)];
    }
    const std::vector<T> y = same_for_all_threads([&] {
      std::vector<T> out(expected.size(), 0);
      EXPECT_EQ(ek_strided_copy(static_cast<int>(c.dims.size()), c.dims.data(), c.xs.data(), c.ys.data(), sizeof(T),
                                x.data() + c.from, out.data()),
                EK_OK);
      return out;
    });
    EXPECT_TRUE(same_bits(y, expected)) << c.name << ", " << sizeof(T) << " bytes";
  }
}

TEST(StridedCopy, Bytes) { check_strided<uint8_t>(); }
TEST(StridedCopy, Words) { check_strided<uint32_t>(); }
TEST(StridedCopy, Longs) { check_strided<int64_t>(); }

TEST(StridedCopy, RefusesOtherElements) {
  EXPECT_EQ(ek_strided_copy(0, nullptr, nullptr, nullptr, 2, nullptr, nullptr), EK_INVALID);
  EXPECT_STREQ(ek_error(), "elements of 2 bytes");
}

TEST(Copy, PutGetReadFill) {
  const Floats host = {1, 2, 3, 4, 5};
  Floats y(3), back(5);
  ek_put(y.data(), host.data(), 4, 12);
  EXPECT_EQ(y, (Floats{2, 3, 4}));
  ek_get(y.data(), back.data(), 8, 12);
  EXPECT_EQ(back, (Floats{0, 0, 2, 3, 4}));
  ek_put(nullptr, nullptr, 0, 0);
  EXPECT_EQ(ek_read_float(y.data()), 2);
  const int64_t big = int64_t{1} << 40;
  EXPECT_EQ(ek_read_long(&big), big);
  const uint8_t byte = 200;
  EXPECT_EQ(ek_read_byte(&byte), 200);
  for (int64_t n : odd_sizes()) {
    const auto size = static_cast<size_t>(n);
    Floats f(size), g(size);
    Longs l(size);
    Bytes b(size);
    ASSERT_EQ(ek_fill_float(f.data(), 0.5f, n), EK_OK);
    ASSERT_EQ(ek_fill_long(l.data(), -big, n), EK_OK);
    ASSERT_EQ(ek_fill_byte(b.data(), 200, n), EK_OK);
    ASSERT_EQ(ek_copy(f.data(), g.data(), n * 4), EK_OK);
    EXPECT_EQ(f, Floats(size, 0.5f));
    EXPECT_EQ(g, f);
    EXPECT_EQ(l, Longs(size, -big));
    EXPECT_EQ(b, Bytes(size, 200));
  }
}

template <class X, class Y>
std::vector<Y> cast(int from, const std::vector<X>& x, int to) {
  std::vector<Y> y(x.size());
  EXPECT_EQ(ek_cast(from, x.data(), to, y.data(), static_cast<int64_t>(x.size())), EK_OK);
  return y;
}

TEST(Cast, EveryPair) {
  const Floats x = {0, -0.0f, 1.9f, -1.9f, 255, 300, NAN, INFINITY, -INFINITY};
  EXPECT_EQ((cast<float, int64_t>(EK_FLOAT32, x, EK_INT64)), (Longs{0, 0, 1, -1, 255, 300, 0, INT64_MAX, INT64_MIN}));
  EXPECT_EQ((cast<float, uint8_t>(EK_FLOAT32, x, EK_UINT8)), (Bytes{0, 0, 1, 255, 255, 44, 0, 255, 0}));
  EXPECT_EQ((cast<float, uint8_t>(EK_FLOAT32, x, EK_BOOL)), (Bytes{0, 0, 1, 1, 1, 1, 1, 1, 1}));
  EXPECT_EQ((cast<int64_t, float>(EK_INT64, {-3, 16777217}, EK_FLOAT32)), (Floats{-3, 16777216}));
  EXPECT_EQ((cast<int64_t, uint8_t>(EK_INT64, {-1, 256, 7}, EK_UINT8)), (Bytes{255, 0, 7}));
  EXPECT_EQ((cast<int64_t, uint8_t>(EK_INT64, {-1, 256, 0}, EK_BOOL)), (Bytes{1, 1, 0}));
  EXPECT_EQ((cast<uint8_t, float>(EK_UINT8, {0, 7, 255}, EK_FLOAT32)), (Floats{0, 7, 255}));
  EXPECT_EQ((cast<uint8_t, int64_t>(EK_BOOL, {0, 1}, EK_INT64)), (Longs{0, 1}));
  EXPECT_EQ((cast<uint8_t, uint8_t>(EK_UINT8, {0, 7, 255}, EK_BOOL)), (Bytes{0, 1, 1}));
  EXPECT_EQ((cast<float, float>(EK_FLOAT32, {1.5f, -2}, EK_FLOAT32)), (Floats{1.5f, -2}));
}

TEST(Rows, GatherAndItsGradient) {
  for (int64_t row : {1, 3, 8, 13, 64, 700}) {
    const int64_t rows = 97, n = 211;
    const Floats x = normals(rows * row, 1);
    const Longs index = indices(n, rows, 2);
    Floats y(static_cast<size_t>(n * row));
    ASSERT_EQ(ek_gather_rows(x.data(), rows, row * 4, index.data(), n, y.data()), EK_OK);
    Doubles grad(x.size(), 0);
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < row; ++j) {
        const auto k = static_cast<size_t>(index[static_cast<size_t>(i)] * row + j);
        EXPECT_EQ(y[static_cast<size_t>(i * row + j)], x[k]);
        grad[k] += y[static_cast<size_t>(i * row + j)];
      }
    const Floats gx = same_for_all_threads(
        [&] {
          Floats out(x.size(), 5);
          EXPECT_EQ(ek_gather_rows_grad(y.data(), index.data(), n, row, out.data(), rows), EK_OK);
          return out;
        },
        "gather_rows_grad");
    expect_close(gx, grad, 1e-6, "gather_rows_grad");
  }
}

TEST(Rows, BadIndexIsNamedBeforeAnythingIsWritten) {
  const Floats x(20);
  for (int64_t bad : {int64_t{10}, int64_t{-1}, INT64_MIN, INT64_MAX}) {
    const Longs index = {0, 9, bad};
    Floats y(6, 7), gx(20, 7);
    EXPECT_EQ(ek_gather_rows(x.data(), 10, 8, index.data(), 3, y.data()), EK_INVALID);
    EXPECT_EQ(std::string(ek_error()), "index " + std::to_string(bad) + " at position 2 is outside 0..9");
    EXPECT_EQ(y, Floats(6, 7));
    EXPECT_EQ(ek_gather_rows_grad(y.data(), index.data(), 3, 2, gx.data(), 10), EK_INVALID);
    EXPECT_EQ(gx, Floats(20, 7));
  }
}

TEST(BytesToFloat, ScalesAndShifts) {
  for (int64_t n : odd_sizes()) {
    Bytes x(static_cast<size_t>(n));
    for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<uint8_t>(i * 37);
    Floats y(x.size());
    ASSERT_EQ(ek_bytes_to_float(x.data(), y.data(), n, 1 / 255.0f, -0.5f), EK_OK);
    Doubles expected;
    for (uint8_t v : x) expected.push_back(v / 255.0 - 0.5);
    expect_close(y, expected, 3e-7, "bytes_to_float");
  }
}
}  // namespace

TEST(Copy, SameBytes) {
  Floats a = normals(1000, 1), b = a;
  EXPECT_EQ(ek_same(a.data(), b.data(), 4000), 1);
  b[999] = std::nextafter(b[999], 10.0f);
  EXPECT_EQ(ek_same(a.data(), b.data(), 4000), 0);
  EXPECT_EQ(ek_same(a.data(), b.data(), 3996), 1);
  EXPECT_EQ(ek_same(a.data(), nullptr, 0), 1);
}
