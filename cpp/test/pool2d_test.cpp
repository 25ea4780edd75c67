#include <algorithm>

#include "testing.h"

using namespace testing_ek;

namespace {
using Shape = ek_pool2d_shape;

// n c h w, kernel, stride, dilation, padding before and after; ceil mode as in PyTorch: the last window must start
// inside the input or the padding before it.
Shape shape(int n, int c, int h, int w, int kh, int kw, int sh, int sw, int dilation, int top, int left, int bottom,
            int right, bool ceil, int count_pad) {
  const auto out = [&](int size, int k, int stride, int before, int after) {
    int o = (size + before + after - dilation * (k - 1) - 1 + (ceil ? stride - 1 : 0)) / stride + 1;
    if (ceil && (o - 1) * stride >= size + before) --o;
    return o;
  };
  return Shape{n,
               c,
               h,
               w,
               kh,
               kw,
               sh,
               sw,
               dilation,
               dilation,
               top,
               left,
               out(h, kh, sh, top, bottom),
               out(w, kw, sw, left, right),
               bottom,
               right,
               count_pad};
}

std::string name(const Shape& s) {
  std::string text;
  for (int v : {s.n, s.c, s.h, s.w, s.kh, s.kw, s.stride_h, s.stride_w, s.dilation_h, s.pad_top, s.pad_left,
                s.pad_bottom, s.pad_right, s.oh, s.ow, s.count_pad})
    text += std::to_string(v) + " ";
  return text;
}

std::vector<Shape> shapes() {
  std::vector<Shape> all;
  for (int c : {1, 3, 8, 13, 64})
    for (int count_pad : {0, 1}) {
      all.push_back(shape(1, c, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, false, count_pad));
      all.push_back(shape(2, c, 8, 8, 2, 2, 2, 2, 1, 0, 0, 0, 0, false, count_pad));
      all.push_back(shape(3, c, 7, 9, 2, 2, 2, 2, 1, 0, 0, 0, 0, false, count_pad));
      all.push_back(shape(3, c, 7, 9, 2, 2, 2, 2, 1, 0, 0, 0, 0, true, count_pad));
      all.push_back(shape(2, c, 13, 11, 3, 3, 2, 2, 1, 1, 1, 1, 1, false, count_pad));
      all.push_back(shape(2, c, 13, 12, 3, 3, 2, 2, 1, 1, 1, 1, 1, true, count_pad));
      all.push_back(shape(1, c, 14, 14, 3, 3, 2, 2, 1, 0, 0, 1, 1, false, count_pad));
      all.push_back(shape(2, c, 9, 7, 3, 2, 1, 3, 1, 1, 0, 0, 1, false, count_pad));
      all.push_back(shape(2, c, 11, 17, 5, 4, 3, 2, 1, 2, 2, 2, 1, true, count_pad));
      all.push_back(shape(1, c, 23, 19, 17, 18, 1, 1, 1, 8, 9, 8, 9, false, count_pad));
      all.push_back(shape(1, c, 5, 6, 2, 2, 3, 3, 1, 0, 0, 0, 0, false, count_pad));
    }
  all.push_back(shape(2, 64, 56, 56, 3, 3, 2, 2, 1, 1, 1, 1, 1, false, 1));
  all.push_back(shape(5, 30, 24, 24, 2, 2, 2, 2, 1, 0, 0, 0, 0, false, 1));
  all.push_back(shape(5, 6, 28, 28, 2, 2, 2, 2, 1, 0, 0, 0, 0, false, 1));
  return all;
}

std::vector<Shape> dilated() {
  std::vector<Shape> all;
  for (int c : {1, 8, 13}) {
    all.push_back(shape(2, c, 11, 13, 3, 3, 1, 2, 2, 1, 1, 1, 1, false, 1));
    all.push_back(shape(2, c, 9, 9, 2, 2, 2, 2, 3, 1, 1, 1, 1, true, 1));
  }
  return all;
}

int64_t x_size(const Shape& s) { return int64_t{s.n} * s.h * s.w * s.c; }
int64_t y_size(const Shape& s) { return int64_t{s.n} * s.oh * s.ow * s.c; }

// f(output, tap, input index) for every tap inside, and f(output, tap, -1) for taps in the padding.
template <class F>
void for_taps(const Shape& s, const F& f) {
  for (int n = 0; n < s.n; ++n)
    for (int p = 0; p < s.oh; ++p)
      for (int q = 0; q < s.ow; ++q)
        for (int c = 0; c < s.c; ++c)
          for (int i = 0; i < s.kh; ++i)
            for (int j = 0; j < s.kw; ++j) {
              const int h = p * s.stride_h - s.pad_top + i * s.dilation_h;
              const int w = q * s.stride_w - s.pad_left + j * s.dilation_w;
              const int64_t out = ((int64_t{n} * s.oh + p) * s.ow + q) * s.c + c;
              const bool inside = h >= 0 && w >= 0 && h < s.h && w < s.w;
              const bool padding = h < s.h + s.pad_bottom && w < s.w + s.pad_right;
              if (inside)
                f(out, i * s.kw + j, ((int64_t{n} * s.h + h) * s.w + w) * s.c + c);
              else if (padding)
                f(out, i * s.kw + j, int64_t{-1});
            }
}

int position_bytes(const Shape& s) { return s.kh * s.kw > 255 ? 4 : 1; }

Floats max_pool(const Shape& s, const Floats& x, std::vector<uint8_t>& position, bool relu = false) {
  Floats y(static_cast<size_t>(y_size(s)), NAN);
  position.assign(y.size() * static_cast<size_t>(position_bytes(s)), 255);
  EXPECT_EQ(ek_max_pool2d(&s, relu, x.data(), y.data(), position.data()), EK_OK) << ek_error();
  return y;
}

int position_at(const Shape& s, const std::vector<uint8_t>& position, size_t i) {
  if (position_bytes(s) == 1) return position[i];
  int32_t tap;
  std::memcpy(&tap, position.data() + 4 * i, 4);
  return tap;
}
}  // namespace

TEST(MaxPool2d, FirstMaximumAndItsGradient) {
  std::vector<Shape> all = shapes();
  for (const Shape& s : dilated()) all.push_back(s);
  for (const Shape& s : all) {
    const Floats x = whole(x_size(s), -2, 2, 1), gy = whole(y_size(s), -3, 3, 2);
    Doubles y(static_cast<size_t>(y_size(s)), -INFINITY), gx(static_cast<size_t>(x_size(s)), 0);
    std::vector<int> tap(y.size(), -1);
    std::vector<int64_t> from(y.size(), -1);
    for_taps(s, [&](int64_t out, int t, int64_t in) {
      if (in < 0 || !(x[in] > y[out])) return;
      y[out] = x[in];
      tap[out] = t;
      from[out] = in;
    });
    for (size_t i = 0; i < from.size(); ++i) gx[from[i]] += gy[i];

    std::vector<uint8_t> position;
    const Floats actual = same_for_all_threads([&] { return max_pool(s, x, position); }, name(s));
    expect_close(actual, y, 0, "y " + name(s));
    for (size_t i = 0; i < tap.size(); ++i) ASSERT_EQ(position_at(s, position, i), tap[i]) << name(s) << i;
    Floats without(y.size(), NAN);
    ASSERT_EQ(ek_max_pool2d(&s, 0, x.data(), without.data(), nullptr), EK_OK);
    EXPECT_TRUE(same_bits(without, actual)) << "without positions " + name(s);
    const Floats grad = same_for_all_threads(
        [&] {
          Floats g(gx.size(), NAN);
          EXPECT_EQ(ek_max_pool2d_grad(&s, gy.data(), position.data(), g.data()), EK_OK);
          return g;
        },
        name(s));
    expect_close(grad, gx, 0, "gx " + name(s));
  }
}

TEST(MaxPool2d, ReluCutsTheOutputAndItsGradient) {
  std::vector<Shape> all = shapes();
  for (const Shape& s : dilated()) all.push_back(s);
  for (const Shape& s : all) {
    const Floats x = normals(x_size(s), 1), gy = whole(y_size(s), 1, 3, 2);
    std::vector<uint8_t> position;
    Floats y = max_pool(s, x, position), kept = gy;
    for (size_t i = 0; i < y.size(); ++i)
      if (y[i] < 0) y[i] = kept[i] = 0;
    Floats expected(x.size(), NAN), gx = expected;
    ASSERT_EQ(ek_max_pool2d_grad(&s, kept.data(), position.data(), expected.data()), EK_OK);
    EXPECT_EQ(same_for_all_threads([&] { return max_pool(s, x, position, true); }, name(s)), y) << name(s);
    ASSERT_EQ(ek_max_pool2d_grad(&s, gy.data(), position.data(), gx.data()), EK_OK);
    EXPECT_EQ(gx, expected) << name(s);
  }
}

TEST(MaxPool2d, NaNWinsAndInfinitiesAreNumbers) {
  for (int c : {1, 3, 8, 13}) {
    const Shape s = shape(1, c, 4, 6, 2, 2, 2, 2, 1, 0, 0, 0, 0, false, 1);
    Floats x(static_cast<size_t>(x_size(s)), -INFINITY);
    const auto at = [&](int h, int w) { return static_cast<size_t>((h * 6 + w) * c); };
    x[at(1, 1)] = NAN;  // the last tap of the first window
    x[at(0, 5)] = INFINITY;
    x[at(2, 0)] = -0.0f;
    x[at(2, 1)] = 0.0f;
    std::vector<uint8_t> position;
    const Floats y = max_pool(s, x, position);
    const auto out = [&](int h, int w) { return static_cast<size_t>((h * 3 + w) * c); };
    EXPECT_TRUE(std::isnan(y[out(0, 0)]));
    EXPECT_EQ(position[out(0, 0)], 3);
    EXPECT_EQ(y[out(0, 1)], -INFINITY);
    EXPECT_EQ(position[out(0, 1)], 0);
    EXPECT_EQ(y[out(0, 2)], INFINITY);
    EXPECT_EQ(position[out(0, 2)], 1);
    EXPECT_TRUE(std::signbit(y[out(1, 0)]));
    EXPECT_EQ(position[out(1, 0)], 0);
  }
}

TEST(MaxPool2d, ForeignPositionsTouchNothing) {
  const Shape s = shape(1, 8, 6, 6, 3, 3, 2, 2, 1, 1, 1, 1, 1, false, 1);
  const Floats gy = normals(y_size(s), 1);
  const std::vector<uint8_t> position(gy.size(), 200);
  Floats gx(static_cast<size_t>(x_size(s)), NAN);
  ASSERT_EQ(ek_max_pool2d_grad(&s, gy.data(), position.data(), gx.data()), EK_OK);
  EXPECT_EQ(gx, Floats(gx.size(), 0));
}

TEST(AvgPool2d, DividesByWhatItCounts) {
  for (const Shape& s : shapes()) {
    const Floats x = normals(x_size(s), 1), gy = normals(y_size(s), 2);
    Doubles y(static_cast<size_t>(y_size(s))), gx(static_cast<size_t>(x_size(s)));
    std::vector<int> count(y.size());
    for_taps(s, [&](int64_t out, int, int64_t in) {
      if (in >= 0) y[out] += x[in];
      if (in >= 0 || s.count_pad) ++count[out];
    });
    for (size_t i = 0; i < y.size(); ++i) y[i] /= count[i];
    for_taps(s, [&](int64_t out, int, int64_t in) {
      if (in >= 0) gx[in] += static_cast<double>(gy[out]) / count[out];
    });
    const Floats actual = same_for_all_threads(
        [&] {
          Floats r(y.size(), NAN);
          EXPECT_EQ(ek_avg_pool2d(&s, x.data(), r.data()), EK_OK);
          return r;
        },
        name(s));
    expect_close(actual, y, 2e-6, "y " + name(s));
    const Floats grad = same_for_all_threads(
        [&] {
          Floats g(gx.size(), NAN);
          EXPECT_EQ(ek_avg_pool2d_grad(&s, gy.data(), g.data()), EK_OK);
          return g;
        },
        name(s));
    expect_close(grad, gx, 2e-6, "gx " + name(s));
  }
}

TEST(Pool2d, SeveralCallersAtOnce) {
  const Shape s = shape(4, 24, 30, 30, 3, 3, 2, 2, 1, 1, 1, 1, 1, false, 1);
  const Floats x = normals(x_size(s), 1);
  expect_same_at_once(
      [&] {
        std::vector<uint8_t> position;
        const Floats y = max_pool(s, x, position);
        Floats gx(x.size(), NAN);
        EXPECT_EQ(ek_max_pool2d_grad(&s, y.data(), position.data(), gx.data()), EK_OK);
        return gx;
      },
      name(s));
}
