// A convolution and its pooling at once, beside the two one after the other.
#include <algorithm>
#include <cmath>

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

struct Op {
  ek_conv2d_shape conv;
  ek_pool2d_shape pool;
  int average, activation, planar;

  // One byte for each output where it is slower, or refused.
  std::vector<uint8_t> kept() const {
    const ek_dim bytes = ek_conv2d_pool2d_kept(&conv, &pool, average, activation, 1);
    return std::vector<uint8_t>(bytes < 0 ? outputs() : static_cast<size_t>(bytes));
  }
  size_t outputs() const { return static_cast<size_t>(pool.n) * pool.oh * pool.ow * pool.c; }
  std::string text() const {
    return name(conv) + (average ? " average" : " max") + " activation " + std::to_string(activation) +
           (planar ? " planar" : "");
  }
};

// Channels-last to planes.
Floats planes(const ek_pool2d_shape& p, const Floats& x) {
  const size_t pixels = static_cast<size_t>(p.oh) * p.ow, c = static_cast<size_t>(p.c);
  Floats y(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    const size_t n = i / (pixels * c), pixel = i / c % pixels;
    y[(n * c + i % c) * pixels + pixel] = x[i];
  }
  return y;
}

Floats activated(int activation, const Floats& x) {
  using Kernel = int (*)(const float*, float*, int64_t);
  const Kernel kernel[] = {nullptr, ek_relu, ek_tanh, ek_sigmoid};
  Floats y = x;
  if (activation != EK_IDENTITY) kernel[activation](x.data(), y.data(), static_cast<int64_t>(x.size()));
  return y;
}

double slope(int activation, double y) {
  return activation == EK_RELU ? y > 0 : activation == EK_TANH ? 1 - y * y : activation == EK_SIGMOID ? y * (1 - y) : 1;
}

void expect_same(const Op& op) {
  SCOPED_TRACE(op.text());
  const ek_conv2d_shape& s = op.conv;
  const ek_pool2d_shape& p = op.pool;
  const Floats x = normals(x_size(s), 1), w = normals(w_size(s), 2), b = normals(s.o, 3);
  const Floats gy = normals(op.outputs(), 4), gy_given = op.planar ? planes(p, gy) : gy;
  const Floats between = activated(op.activation, forward(s, x, w, b));
  Floats want(op.outputs(), NAN), got(op.outputs(), NAN);
  std::vector<uint8_t> position(op.outputs()), kept = op.kept();
  ASSERT_EQ(op.average ? ek_avg_pool2d(&p, between.data(), want.data())
                       : ek_max_pool2d(&p, 0, between.data(), want.data(), position.data()),
            EK_OK);
  const Floats y = same_for_all_threads(
      [&] {
        EXPECT_EQ(ek_conv2d_pool2d(&s, &p, op.average, op.activation, op.planar, x.data(), w.data(), b.data(),
                                   got.data(), kept.data()),
                  EK_OK)
            << ek_error();
        return got;
      },
      "forward");
  if (op.planar) want = planes(p, want);
  if (s.c == 1 && ek_winograd() == 0)
    EXPECT_TRUE(same_bits(y, want));
  else
    for (size_t i = 0; i < y.size(); ++i) EXPECT_NEAR(y[i], want[i], 1e-4);

  Floats gbetween(between.size(), NAN);
  ASSERT_EQ(op.average ? ek_avg_pool2d_grad(&p, gy.data(), gbetween.data())
                       : ek_max_pool2d_grad(&p, gy.data(), position.data(), gbetween.data()),
            EK_OK);
  for (size_t i = 0; i < gbetween.size(); ++i) gbetween[i] *= static_cast<float>(slope(op.activation, between[i]));
  Doubles gw(static_cast<size_t>(w_size(s)));
  for_products(s, [&](int64_t ix, int64_t iw, int64_t iy) { gw[iw] += double{x[ix]} * gbetween[iy]; });
  append_grad_bias(s, gbetween, gw);
  const Floats gradient = same_for_all_threads(
      [&] {
        Floats g(gw.size(), NAN);
        EXPECT_EQ(ek_conv2d_pool2d_grad(&s, &p, op.average, op.activation, op.planar, x.data(), gy_given.data(),
                                        kept.data(), g.data(), g.data() + w_size(s)),
                  EK_OK)
            << ek_error();
        return g;
      },
      "gradient");
  EXPECT_LT(error(gradient, gw), 2e-5);
}
}  // namespace

TEST(Conv2dPool2d, IsTheSameAsOneAfterTheOther) {
  if (!vectors()) GTEST_SKIP() << "its convolution needs vectors";
  //                   n  c  h  w  o  kh kw  s     d     padding    groups
  for (const Case& c : {
           Case{{1, 1, 5, 5, 1, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0, 1}, 2, 2, 0},
           Case{{7, 1, 28, 28, 30, 5, 5, 1, 1, 1, 1, 0, 0, 0, 0, 1}, 2, 2, 0},
           Case{{9, 1, 28, 28, 6, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, 1}, 2, 2, 0},
           Case{{3, 1, 31, 60, 5, 5, 5, 1, 1, 1, 1, 2, 4, 2, 2, 1}, 2, 2, 0},
           Case{{2, 1, 5, 33, 1, 5, 5, 1, 1, 1, 1, 1, 0, 0, 3, 1}, 2, 2, 0},
           Case{{5, 1, 19, 41, 13, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 2, 2, 0},
           Case{{2, 1, 9, 17, 3, 1, 2, 1, 1, 1, 1, 0, 0, 0, 0, 1}, 2, 2, 0},
           Case{{2, 1, 16, 90, 7, 4, 7, 1, 1, 2, 3, 3, 0, 1, 5, 1}, 2, 2, 0},
           Case{{2, 1, 12, 75, 5, 1, 13, 1, 1, 1, 1, 0, 6, 0, 6, 1}, 2, 2, 0},
           Case{{3, 1, 29, 31, 33, 7, 7, 1, 1, 1, 1, 3, 3, 3, 3, 1}, 3, 2, 1},
           Case{{20, 3, 33, 32, 64, 7, 7, 2, 2, 1, 1, 3, 3, 3, 3, 1}, 3, 2, 1},
           Case{{2, 3, 21, 23, 13, 3, 3, 1, 1, 1, 2, 1, 0, 0, 1, 1}, 2, 3, 0},
           Case{{4, 1, 2, 2, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1}, 2, 2, 0},
           Case{{2, 3, 75, 92, 40, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 2, 2, 0},
           Case{{3, 2, 20, 29, 17, 3, 2, 2, 3, 2, 1, 1, 0, 2, 1, 1}, 2, 2, 0},
           Case{{5, 7, 13, 15, 33, 5, 3, 1, 1, 1, 2, 2, 2, 2, 2, 1}, 2, 2, 0},
           Case{{3, 3, 71, 33, 17, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, 1}, 2, 2, 0},
           Case{{2, 15, 14, 17, 32, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 2, 2, 0},
           Case{{4, 6, 15, 14, 16, 5, 5, 1, 1, 1, 1, 0, 0, 0, 0, 1}, 3, 2, 1},
           Case{{2, 2, 12, 13, 9, 2, 7, 1, 1, 1, 1, 1, 3, 0, 3, 1}, 2, 2, 0},
       })
    for (int planar : {0, 1})
      for (int activation : {EK_IDENTITY, EK_RELU, EK_TANH, EK_SIGMOID})
        for (int average : {0, 1}) {
          const bool in_planes = c.conv.c == 1 && c.k == 2;
          if (!(average ? in_planes : activation < EK_TANH)) continue;
          const Op op{c.conv, pool_of(c), average, activation, planar};
          expect_same(op);
          const Direct direct;
          expect_same(op);
        }
}

TEST(Conv2dPool2d, NotANumberIsTheLargest) {
  if (!vectors()) GTEST_SKIP() << "its convolution needs vectors";
  const Shape s{1, 1, 2, 16, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1};
  const Op op{s, pool_of({s, 2, 2, 0}), 0, EK_RELU, 0};
  const Floats w{1}, gy(8, 1);
  Floats x(32, -1), y(8), gw(1);
  x[2] = NAN, x[3] = 5;
  std::vector<uint8_t> kept = op.kept();
  ASSERT_EQ(ek_conv2d_pool2d(&s, &op.pool, 0, EK_RELU, 0, x.data(), w.data(), nullptr, y.data(), kept.data()), EK_OK);
  EXPECT_EQ(y[0], 0);
  EXPECT_TRUE(std::isnan(y[1]));
  ASSERT_EQ(ek_conv2d_pool2d_grad(&s, &op.pool, 0, EK_RELU, 0, x.data(), gy.data(), kept.data(), gw.data(), nullptr),
            EK_OK);
  EXPECT_TRUE(std::isnan(gw[0]));
}

// By Winograd along rows every output of a tile that has one is none, and nothing outside of tiles.
TEST(Conv2dPool2d, NotANumberIsSeenInTiles) {
  if (!vectors()) GTEST_SKIP() << "its convolution needs vectors";
  const Shape s{1, 1, 12, 12, 20, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, 1};
  const Op op{s, pool_of({s, 2, 2, 0}), 0, EK_RELU, 0};
  const Floats w = normals(w_size(s), 1);
  for (float odd : {NAN, INFINITY, -INFINITY})
    for (size_t at = 0; at < 144; ++at) {
      Floats x = normals(144, 2), y(op.outputs());
      x[at] = odd;
      std::vector<uint8_t> kept = op.kept();
      ASSERT_EQ(ek_conv2d_pool2d(&s, &op.pool, 0, EK_RELU, 0, x.data(), w.data(), nullptr, y.data(), kept.data()),
                EK_OK);
      for (size_t i = 0; i < y.size(); ++i) {
        const int row = static_cast<int>(i / 20 / 6 * 2), column = static_cast<int>(i / 20 % 6 * 2);
        const int h = static_cast<int>(at) / 12, v = static_cast<int>(at) % 12;
        const bool seen = h >= row - 2 && h <= row + 3 && v >= column - 2 && v <= column + 3;
        const bool apart = h < row - 2 || h > row + 3 || v < column - 6 || v > column + 7;
        EXPECT_TRUE(!(seen && std::isnan(odd)) || std::isnan(y[i])) << at << " " << i;
        EXPECT_TRUE(!seen || !std::isfinite(y[i]) || y[i] <= 0) << at << " " << i;
        EXPECT_TRUE(!apart || std::isfinite(y[i])) << at << " " << i;
      }
    }
}

// What is kept for the gradient says how the forward went, whatever is set by then.
TEST(Conv2dPool2d, GradientFollowsTheForward) {
  if (!vectors()) GTEST_SKIP() << "its convolution needs vectors";
  const Shape s{3, 1, 28, 28, 6, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, 1};
  for (int average : {0, 1}) {
    const Op op{s, pool_of({s, 2, 2, 0}), average, EK_RELU, 0};
    const Floats x = normals(x_size(s), 1), w = normals(w_size(s), 2), gy = normals(op.outputs(), 3);
    const auto gradient = [&](int forward, int back) {
      const Direct restored;
      std::vector<uint8_t> kept = op.kept();
      Floats y(op.outputs()), gw(static_cast<size_t>(w_size(s)));
      ek_set_winograd(forward);
      EXPECT_EQ(ek_conv2d_pool2d(&s, &op.pool, average, EK_RELU, 0, x.data(), w.data(), nullptr, y.data(), kept.data()),
                EK_OK);
      ek_set_winograd(back);
      EXPECT_EQ(ek_conv2d_pool2d_grad(&s, &op.pool, average, EK_RELU, 0, x.data(), gy.data(), kept.data(), gw.data(),
                                      nullptr),
                EK_OK);
      return gw;
    };
    const Floats want = gradient(0, 0);
    EXPECT_LT(error(gradient(4, 0), Doubles(want.begin(), want.end())), 2e-5);
    EXPECT_LT(error(gradient(0, 4), Doubles(want.begin(), want.end())), 2e-5);
  }
}

// Another thread may close what is kept: whatever is read there, nothing is written but the gradients.
TEST(Conv2dPool2d, AnythingMayStandInWhatIsKept) {
  if (!vectors()) GTEST_SKIP() << "its convolution needs vectors";
  const Shape s{3, 1, 28, 28, 6, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  const Op op{s, pool_of({s, 2, 2, 0}), 1, EK_IDENTITY, 0};  // whose gradient reads none of it as numbers
  const Floats x = normals(x_size(s), 1), gy = normals(op.outputs(), 2);
  const auto gradient = [&](uint8_t byte) {
    const std::vector<uint8_t> kept(op.kept().size(), byte);
    Floats gw(static_cast<size_t>(w_size(s)) + 1000, 7);
    EXPECT_EQ(
        ek_conv2d_pool2d_grad(&s, &op.pool, 1, EK_IDENTITY, 0, x.data(), gy.data(), kept.data(), gw.data(), nullptr),
        EK_OK);
    return gw;
  };
  const Floats want = gradient(0);
  EXPECT_EQ(want.back(), 7);
  EXPECT_TRUE(same_bits(gradient(63), want));
}

TEST(Conv2dPool2d, RefusesWhatItDoesNotTake) {
  const Shape grouped{1, 2, 5, 5, 2, 3, 3, 1, 1, 1, 1, 0, 0, 0, 0, 2};
  const ek_pool2d_shape p = pool_of({grouped, 2, 1, 0});
  Floats x(50), w(18), y(8);
  uint8_t kept[8];
  for (const int gradient : {0, 1}) EXPECT_EQ(ek_conv2d_pool2d_kept(&grouped, &p, 0, EK_IDENTITY, gradient), -1);
  constexpr int kFar = 1 << 20;  // two places on a side
  const Shape far{8, 1, 2, 2, 8, 1, 1, kFar, kFar, 1, 1, kFar / 2, kFar / 2, kFar / 2, kFar / 2, 1};
  const ek_pool2d_shape of_far = pool_of({far, 2, 2, 0});
  for (const int gradient : {0, 1}) EXPECT_EQ(ek_conv2d_pool2d_kept(&far, &of_far, 0, EK_IDENTITY, gradient), -1);
  EXPECT_EQ(ek_conv2d_pool2d(&grouped, &p, 0, EK_IDENTITY, 0, x.data(), w.data(), nullptr, y.data(), kept), EK_INVALID);
  EXPECT_EQ(ek_conv2d_pool2d_grad(&grouped, &p, 0, EK_IDENTITY, 0, x.data(), y.data(), kept, w.data(), nullptr),
            EK_INVALID);
}
