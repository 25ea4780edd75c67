// A convolution and its pooling at once, beside the two one after the other.
#include <algorithm>

#include "conv2d_testing.h"

using namespace testing_ek;

namespace {
struct Case {
  Shape conv;
  int k, stride, pad;  // of the pooling
};

ek_pool2d_shape pool_of(const Case& c) {
  const int h = static_cast<int>(oh(c.conv)), w = static_cast<int>(ow(c.conv));
  const auto out = [&](int size) { return (size + 2 * c.pad - c.k) / c.stride + 1; };
  return {c.conv.n, c.conv.o, h, w, c.k, c.k, c.stride, c.stride, 1, 1, c.pad, c.pad, out(h), out(w), c.pad, c.pad, 1};
}

struct Pooled {
  Floats y;
  std::vector<uint8_t> position;
};
}  // namespace

TEST(Conv2dMaxPool2d, IsTheSameAsOneAfterTheOther) {
  if (std::string(ek_isa()) == "scalar") GTEST_SKIP() << "its convolution needs vectors";
  //                   n  c  h  w  o  kh kw  s     d     padding    groups
  for (const Case& c : {
           Case{{1, 1, 5, 5, 1, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0, 1}, 2, 2, 0},
           Case{{7, 1, 28, 28, 30, 5, 5, 1, 1, 1, 1, 0, 0, 0, 0, 1}, 2, 2, 0},
           Case{{9, 1, 28, 28, 6, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, 1}, 2, 2, 0},
           Case{{3, 1, 29, 31, 33, 7, 7, 1, 1, 1, 1, 3, 3, 3, 3, 1}, 3, 2, 1},
           Case{{20, 3, 33, 32, 64, 7, 7, 2, 2, 1, 1, 3, 3, 3, 3, 1}, 3, 2, 1},
           Case{{2, 3, 21, 23, 13, 3, 3, 1, 1, 1, 2, 1, 0, 0, 1, 1}, 2, 3, 0},
       }) {
    const Shape& s = c.conv;
    const ek_pool2d_shape p = pool_of(c);
    const Floats x = normals(x_size(s), 1), w = normals(w_size(s), 2), b = normals(s.o, 3);
    const size_t outputs = static_cast<size_t>(p.n) * p.oh * p.ow * p.c;
    const Floats between = forward(s, x, w, b), gy = normals(outputs, 4);
    for (int relu : {0, 1}) {
      Pooled apart{Floats(outputs, NAN), std::vector<uint8_t>(outputs, 99)};
      ASSERT_EQ(ek_max_pool2d(&p, relu, between.data(), apart.y.data(), apart.position.data()), EK_OK);
      Pooled at_once{Floats(outputs, NAN), std::vector<uint8_t>(outputs, 99)};
      const Floats y = same_for_all_threads(
          [&] {
            EXPECT_EQ(ek_conv2d_max_pool2d(&s, &p, relu, x.data(), w.data(), b.data(), at_once.y.data(),
                                           at_once.position.data()),
                      EK_OK)
                << ek_error();
            return at_once.y;
          },
          name(s));
      if (s.c == 1) {
        EXPECT_TRUE(ek_conv2d_max_pool2d_wins(&s)) << name(s);
        EXPECT_TRUE(same_bits(y, apart.y)) << name(s);
        EXPECT_EQ(at_once.position, apart.position) << name(s);
      }
      Floats gbetween(between.size(), NAN);
      ASSERT_EQ(ek_max_pool2d_grad(&p, gy.data(), at_once.position.data(), gbetween.data()), EK_OK);
      Doubles gw(static_cast<size_t>(w_size(s)));
      for_products(s, [&](int64_t ix, int64_t iw, int64_t iy) { gw[iw] += double{x[ix]} * gbetween[iy]; });
      append_grad_bias(s, gbetween, gw);
      const Floats got = same_for_all_threads(
          [&] {
            Floats g(gw.size(), NAN);
            EXPECT_EQ(ek_conv2d_max_pool2d_grad(&s, &p, x.data(), gy.data(), at_once.position.data(), g.data(),
                                                g.data() + w_size(s)),
                      EK_OK)
                << ek_error();
            return g;
          },
          "gradient " + name(s));
      EXPECT_LT(error(got, gw), 2e-5) << name(s);
    }
  }
}

TEST(Conv2dMaxPool2d, RefusesWhatItsConvolutionDoesNotTake) {
  const Shape grouped{1, 2, 5, 5, 2, 3, 3, 1, 1, 1, 1, 0, 0, 0, 0, 2};
  const ek_pool2d_shape p = pool_of({grouped, 2, 1, 0});
  Floats x(50), w(18), y(8);
  uint8_t position[8];
  EXPECT_EQ(ek_conv2d_max_pool2d_wins(&grouped), 0);
  EXPECT_EQ(ek_conv2d_max_pool2d(&grouped, &p, 0, x.data(), w.data(), nullptr, y.data(), position), EK_INVALID);
  EXPECT_EQ(ek_conv2d_max_pool2d_grad(&grouped, &p, x.data(), y.data(), position, w.data(), nullptr), EK_INVALID);
}
