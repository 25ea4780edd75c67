// Windows as columns, element by element from the definition, and the adjoint: <unfold x, y> = <x, fold y>.
#include "testing.h"

using namespace testing_ek;

namespace {
using Shape = ek_pool2d_shape;

Shape shape(int n, int c, int h, int w, int kh, int kw, int sh, int sw, int dh, int dw, int top, int left, int bottom,
            int right) {
  const auto out = [](int size, int k, int s, int d) { return (size - d * (k - 1) - 1) / s + 1; };
  return Shape{n,
               c,
               h,
               w,
               kh,
               kw,
               sh,
               sw,
               dh,
               dw,
               top,
               left,
               out(h + top + bottom, kh, sh, dh),
               out(w + left + right, kw, sw, dw),
               bottom,
               right,
               0};
}

const Shape kShapes[] = {
    shape(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0),     shape(1, 3, 7, 7, 5, 5, 1, 1, 1, 1, 0, 0, 0, 0),
    shape(2, 3, 9, 8, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1),     shape(2, 5, 9, 13, 3, 2, 2, 3, 1, 1, 1, 0, 0, 2),
    shape(3, 1, 11, 10, 2, 3, 1, 2, 3, 2, 2, 1, 0, 3),   shape(1, 2, 3, 3, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2),
    shape(1, 1, 2, 2, 2, 2, 4, 4, 1, 1, 3, 3, 5, 5),     shape(7, 13, 20, 31, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1),
    shape(1, 1, 300, 500, 5, 7, 1, 1, 1, 1, 2, 3, 2, 3),
};

// f(index in x or -1, index in y)
template <class F>
void each(const Shape& s, const F& f) {
  int64_t at = 0;
  for (int n = 0; n < s.n; ++n)
    for (int c = 0; c < s.c; ++c)
      for (int i = 0; i < s.kh; ++i)
        for (int j = 0; j < s.kw; ++j)
          for (int p = 0; p < s.oh; ++p)
            for (int q = 0; q < s.ow; ++q, ++at) {
              const int h = p * s.stride_h - s.pad_top + i * s.dilation_h;
              const int w = q * s.stride_w - s.pad_left + j * s.dilation_w;
              const bool inside = h >= 0 && h < s.h && w >= 0 && w < s.w;
              f(inside ? ((int64_t{n} * s.c + c) * s.h + h) * s.w + w : -1, at);
            }
}

int64_t x_size(const Shape& s) { return int64_t{s.n} * s.c * s.h * s.w; }
int64_t y_size(const Shape& s) { return int64_t{s.n} * s.c * s.kh * s.kw * s.oh * s.ow; }

TEST(Unfold, FollowsTheDefinition) {
  for (const Shape& s : kShapes) {
    const Floats x = whole(x_size(s));
    Floats want(static_cast<size_t>(y_size(s)));
    each(s, [&](int64_t from, int64_t to) {
      want[static_cast<size_t>(to)] = from < 0 ? 0 : x[static_cast<size_t>(from)];
    });
    EXPECT_EQ(same_for_all_threads([&] {
                Floats y(want.size(), 7);
                EXPECT_EQ(ek_unfold(&s, x.data(), y.data()), EK_OK);
                return y;
              }),
              want)
        << s.h << "x" << s.w;
  }
}

TEST(Unfold, FoldIsTheAdjoint) {
  for (const Shape& s : kShapes) {
    const Floats y = whole(y_size(s));
    Floats want(static_cast<size_t>(x_size(s)));
    each(s, [&](int64_t to, int64_t from) {
      if (to >= 0) want[static_cast<size_t>(to)] += y[static_cast<size_t>(from)];
    });
    const Floats x = same_for_all_threads([&] {
      Floats x(want.size(), 7);
      EXPECT_EQ(ek_fold(&s, y.data(), x.data()), EK_OK);
      return x;
    });
    EXPECT_EQ(x, want) << s.h << "x" << s.w;
    const Floats z = whole(x_size(s), -8, 8, 2);
    Floats columns(y.size());
    ASSERT_EQ(ek_unfold(&s, z.data(), columns.data()), EK_OK);
    double left = 0, right = 0;
    for (size_t i = 0; i < y.size(); ++i) left += static_cast<double>(columns[i]) * y[i];
    for (size_t i = 0; i < x.size(); ++i) right += static_cast<double>(z[i]) * x[i];
    EXPECT_EQ(left, right);
  }
}
}  // namespace
