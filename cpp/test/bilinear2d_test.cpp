// Bilinear resampling against the sum over all pixels in doubles: up and down, both conventions, any places.
#include <algorithm>

#include "testing.h"

using namespace testing_ek;

namespace {
// The places of one direction, and how near they are to the high ones.
struct Between {
  Longs low, high;
  Doubles t;
};
Between between(int64_t in, int64_t out, bool corners) {
  Between b;
  const double i = static_cast<double>(in), o = static_cast<double>(out);
  const double step = !corners ? i / o : out == 1 ? 0 : (i - 1) / (o - 1);
  for (int64_t k = 0; k < out; ++k) {
    const double at =
        corners ? step * static_cast<double>(k) : std::max(0.0, step * (static_cast<double>(k) + 0.5) - 0.5);
    b.low.push_back(std::min(static_cast<int64_t>(at), in - 1));
    b.high.push_back(std::min(b.low.back() + 1, in - 1));
    b.t.push_back(at - static_cast<double>(b.low.back()));
  }
  return b;
}
Between anywhere(int64_t in, int64_t out, uint32_t seed) {
  const Floats t = uniform(out, -1, 2, seed);
  return {indices(out, in, seed + 1), indices(out, in, seed + 2), Doubles(t.begin(), t.end())};
}

struct Case {
  int64_t n, h, w, c;
  Between rows, columns;
  int64_t oh() const { return static_cast<int64_t>(rows.t.size()); }
  int64_t ow() const { return static_cast<int64_t>(columns.t.size()); }
  size_t x_size() const { return static_cast<size_t>(n * h * w * c); }
  size_t y_size() const { return static_cast<size_t>(n * oh() * ow() * c); }
};

template <class F>
int call(const F& f, const Case& s, const float* from, float* to) {
  return f(s.n, s.h, s.w, s.c, s.oh(), s.ow(), s.rows.low.data(), s.rows.high.data(), s.rows.t.data(),
           s.columns.low.data(), s.columns.high.data(), s.columns.t.data(), from, to);
}
Floats forward(const Case& s, const Floats& x) {
  Floats y(s.y_size(), 7);
  EXPECT_EQ(call(ek_bilinear2d, s, x.data(), y.data()), EK_OK);
  return y;
}
Floats gradient(const Case& s, const Floats& gy) {
  Floats gx(s.x_size(), 7);
  EXPECT_EQ(call(ek_bilinear2d_grad, s, gy.data(), gx.data()), EK_OK);
  return gx;
}

// f(index in x, index in y, weight) for all four terms of each output
template <class F>
void each_term(const Case& s, const F& f) {
  size_t y = 0;
  for (int64_t n = 0; n < s.n; ++n)
    for (size_t i = 0; i < s.rows.t.size(); ++i)
      for (size_t j = 0; j < s.columns.t.size(); ++j)
        for (int64_t c = 0; c < s.c; ++c, ++y)
          for (bool down : {false, true})
            for (bool right : {false, true}) {
              const int64_t row = (down ? s.rows.high : s.rows.low)[i],
                            column = (right ? s.columns.high : s.columns.low)[j];
              f(static_cast<size_t>(((n * s.h + row) * s.w + column) * s.c + c), y,
                (down ? s.rows.t[i] : 1 - s.rows.t[i]) * (right ? s.columns.t[j] : 1 - s.columns.t[j]));
            }
}

void expect_right(const Case& s, const std::string& what) {
  const std::string name = what + " " + std::to_string(s.n) + "x" + std::to_string(s.c) + "x" + std::to_string(s.h) +
                           "x" + std::to_string(s.w) + " to " + std::to_string(s.oh()) + "x" + std::to_string(s.ow());
  const Floats x = normals(static_cast<int64_t>(s.x_size()), 1), gy = normals(static_cast<int64_t>(s.y_size()), 2);
  Doubles y(gy.size()), gx(x.size());
  each_term(s, [&](size_t i, size_t j, double weight) {
    y[j] += weight * x[i];
    gx[i] += weight * gy[j];
  });
  expect_close(same_for_all_threads([&] { return forward(s, x); }, name), y, 1e-6, name + " y");
  expect_close(same_for_all_threads([&] { return gradient(s, gy); }, name), gx, 2e-6, name + " gx");
  EXPECT_TRUE(same_bits(forward(s, x), with_threads(4, [&] { return forward(s, x); }))) << name;
  EXPECT_TRUE(same_bits(gradient(s, gy), with_threads(4, [&] { return gradient(s, gy); }))) << name;
}

TEST(Bilinear2d, ForwardAndGradient) {
  const int64_t sizes[][4] = {{5, 7, 8, 6},   {1, 1, 3, 9}, {13, 4, 13, 4}, {3, 8, 40, 5},
                              {16, 17, 5, 2}, {9, 2, 1, 1}, {6, 31, 12, 62}};
  for (int64_t c : {1, 3, 8, 13, 64})
    for (int64_t n : {1, 3})
      for (const auto& s : sizes) {
        for (bool corners : {false, true})
          expect_right({n, s[0], s[1], c, between(s[0], s[2], corners), between(s[1], s[3], corners)},
                       corners ? "corners" : "squares");
        expect_right({n, s[0], s[1], c, anywhere(s[0], s[2], 3), anywhere(s[1], s[3], 6)}, "anywhere");
      }
}

// Enough for many threads, few channels or many.
TEST(Bilinear2d, LargeImages) {
  for (int64_t c : {1, 3, 40}) {
    expect_right({1, 90, 101, c, between(90, 180, false), between(101, 202, false)}, "twice");
    expect_right({3, 1, 1, c, between(1, 80, false), between(1, 90, false)}, "of one pixel");
    expect_right({2, 190, 201, c, between(190, 60, true), between(201, 50, true)}, "smaller");
    expect_right({1, 60, 70, c, anywhere(60, 150, 3), anywhere(70, 120, 6)}, "anywhere");
  }
}

// Halves and quarters of whole numbers are exact: [0, 4] twice as wide is 0, 1, 3, 4.
TEST(Bilinear2d, ByHand) {
  const Case s = {1, 1, 2, 1, between(1, 1, false), between(2, 4, false)};
  EXPECT_EQ(forward(s, {0, 4}), Floats({0, 1, 3, 4}));
  EXPECT_EQ(gradient(s, {4, 4, 8, 16}), Floats({9, 23}));
}

TEST(Bilinear2d, BadPlacesAreNamedBeforeAnythingIsWritten) {
  const Case good = {2, 4, 5, 3, between(4, 6, false), between(5, 7, true)};
  const auto expect_refused = [&](const Case& s, const std::string& message) {
    Floats x(s.x_size(), 7), y(s.y_size(), 7);
    EXPECT_EQ(call(ek_bilinear2d, s, x.data(), y.data()), EK_INVALID);
    EXPECT_EQ(ek_error(), message);
    EXPECT_EQ(y, Floats(s.y_size(), 7));
    EXPECT_EQ(call(ek_bilinear2d_grad, s, y.data(), x.data()), EK_INVALID);
    EXPECT_EQ(ek_error(), message);
    EXPECT_EQ(x, Floats(s.x_size(), 7));
  };
  for (int64_t bad : {int64_t{-1}, int64_t{5}, INT64_MIN, INT64_MAX}) {
    const std::string row = "bilinear2d: row " + std::to_string(bad) + " at place 5 is outside 0..3",
                      column = "bilinear2d: column " + std::to_string(bad) + " at place 6 is outside 0..4";
    Case s = good;
    s.rows.low[5] = bad;
    expect_refused(s, row);
    s = good;
    s.rows.high[5] = bad;
    expect_refused(s, row);
    s = good;
    s.columns.low[6] = bad;
    expect_refused(s, column);
    s = good;
    s.columns.high[6] = bad;
    expect_refused(s, column);
  }
}

TEST(Bilinear2d, SameFromManyCallers) {
  const Case s = {2, 40, 30, 13, between(40, 80, false), between(30, 60, false)};
  const Floats x = normals(static_cast<int64_t>(s.x_size()), 1);
  expect_same_at_once([&] { return forward(s, x); }, "bilinear2d");
}
}  // namespace
