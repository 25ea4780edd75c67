#include "conv2d_testing.h"

using namespace testing_ek;

namespace {
void check(const Shape& s) {
  const Floats x = whole(x_size(s), -3, 3, 1), w = whole(w_size(s), -3, 3, 2), b = whole(s.o, -3, 3, 3),
               gy = whole(y_size(s), -3, 3, 4);
  Doubles y(static_cast<size_t>(y_size(s))), gx(static_cast<size_t>(x_size(s))), gw(static_cast<size_t>(w_size(s)));
  for_products(s, [&](int64_t ix, int64_t iw, int64_t iy) {
    y[iy] += x[ix] * w[iw];
    gx[ix] += gy[iy] * w[iw];
    gw[iw] += x[ix] * gy[iy];
  });
  append_grad_bias(s, gy, gw);
  const auto on_all = [&](const char* what, const auto& run) {
    return same_for_all_threads(run, std::string(what) + name(s));
  };
  expect_close(on_all("y ", [&] { return forward(s, x, w, {}); }), y, 0, "y " + name(s));
  for (size_t i = 0; i < y.size(); ++i) y[i] += b[i % b.size()];
  expect_close(on_all("y + b ", [&] { return forward(s, x, w, b); }), y, 0, "y + b " + name(s));
  expect_close(on_all("gx ", [&] { return grad_input(s, gy, w); }), gx, 0, "gx " + name(s));
  expect_close(on_all("gw ", [&] { return grad_weight(s, x, gy); }), gw, 0, "gw " + name(s));
}

void check_bits(const Shape& s) {
  const Floats x = normals(x_size(s), 1), w = normals(w_size(s), 2), b = normals(s.o, 3), gy = normals(y_size(s), 4);
  const Floats y = same_for_all_threads([&] { return forward(s, x, w, b); }, "y " + name(s));
  for (int threads : {4, 7, 16})
    EXPECT_TRUE(same_bits(with_threads(threads, [&] { return forward(s, x, w, b); }), y))
        << threads << " threads, y " << name(s);
  same_for_all_threads([&] { return grad_input(s, gy, w); }, "gx " + name(s));
  same_for_all_threads([&] { return grad_weight(s, x, gy); }, "gw " + name(s));
}
}  // namespace

//                       n  c  h  w  o  kh kw  s     d     top left bottom right groups
TEST(Conv2d, IsExactOnIntegers) {
  const Direct direct;
  for (const Shape& s : {
           Shape{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1},
           Shape{2, 3, 7, 9, 8, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1},
           Shape{3, 8, 9, 7, 13, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1},
           Shape{2, 13, 8, 8, 3, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1},
           Shape{1, 64, 7, 7, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1},
           Shape{2, 8, 11, 13, 16, 5, 3, 2, 1, 1, 2, 2, 1, 1, 0, 1},
           Shape{2, 8, 13, 13, 8, 3, 3, 1, 1, 2, 3, 2, 3, 2, 3, 1},
           Shape{2, 8, 9, 9, 12, 3, 3, 1, 1, 1, 1, 0, 1, 2, 0, 4},
           Shape{2, 8, 9, 9, 8, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 8},
           Shape{1, 6, 7, 7, 4, 3, 3, 2, 2, 1, 1, 0, 0, 1, 1, 2},
           Shape{5, 1, 28, 28, 6, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, 1},
           Shape{9, 1, 28, 28, 30, 5, 5, 1, 1, 1, 1, 0, 0, 0, 0, 1},
           Shape{6, 1, 13, 17, 33, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1},
           Shape{2, 3, 31, 29, 24, 7, 7, 2, 2, 1, 1, 3, 3, 3, 3, 1},
           Shape{1, 3, 35, 35, 17, 11, 11, 4, 4, 1, 1, 2, 2, 2, 2, 1},
           Shape{2, 2, 11, 11, 7, 3, 4, 1, 2, 2, 1, 2, 0, 1, 3, 1},
           Shape{2, 3, 5, 3, 1, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0, 1},
           Shape{3, 1, 3, 3, 5, 3, 3, 1, 1, 1, 1, 0, 0, 0, 0, 1},
           Shape{2, 2, 70, 40, 20, 3, 3, 2, 1, 1, 1, 1, 0, 0, 1, 1},
           Shape{1, 3, 64, 64, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1},
           Shape{2, 1, 9, 40, 15, 2, 5, 1, 1, 3, 2, 1, 5, 0, 0, 1},
           Shape{2, 2, 6, 6, 8, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1},
       })
    check(s);
}

TEST(Conv2d, WindowsFarOut) {
  const Direct direct;
  constexpr int kHuge = 1 << 28;
  for (const Shape& s : {
           Shape{1, 1, 3, 5, 16, 1, 1, 2, 1, 1, 1, 4, 3, 0, 1, 1},
           Shape{3, 4, 5, 6, 7, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
           Shape{2, 6, 4, 5, 9, 3, 2, 2, 3, 1, 2, 5, 0, 3, 7, 3},
           Shape{2, 16, 4, 5, 16, 3, 3, 1, 1, 1, 1, 3, 4, 3, 4, 16},
           Shape{1, 16, 5, 3, 16, 1, 1, 2, kHuge, 1, kHuge, 7, 2, 0, 0, 1},
           Shape{1, 3, 5, 6, 2, 2, 3, 100000000, kHuge, 1 << 27, 1 << 26, 1 << 27, 1 << 26, 1 << 26, 1 << 26, 1},
       }) {
    check(s);
    for (int pass = 0; pass < 3; ++pass)
      if (s.stride_w < kHuge) {
        EXPECT_STREQ(ek_conv2d_candidates(&s, pass), "plain") << name(s);
        EXPECT_EQ(ek_conv2d_choose(&s, pass, "onednn"), EK_INVALID) << name(s);
        EXPECT_EQ(ek_conv2d_explain(&s, pass, "onednn"), nullptr) << name(s);
      }
  }
}

TEST(Conv2d, RandomWindows) {
  const Direct direct;
  std::mt19937 random(1);
  const auto of = [&](std::initializer_list<int> all) { return all.begin()[random() % all.size()]; };
  const auto number = [&] { return random() % 3 ? of({1, 2, 3, 4}) : of({7, 1000, 65536, 1 << 26, 1 << 28}); };
  const auto pad = [&] { return random() % 2 ? 0 : number(); };
  for (int count = 0; count < 100;) {
    const int channels = of({1, 3, 16});
    const Shape s{of({1, 2}),
                  channels,
                  of({1, 2, 5, 6}),
                  of({1, 3, 4, 6}),
                  of({1, 3, 16}) * channels,
                  of({1, 2, 3}),
                  of({1, 2, 3}),
                  number(),
                  number(),
                  number(),
                  number(),
                  pad(),
                  pad(),
                  pad(),
                  pad(),
                  random() % 4 ? 1 : channels};
    const auto places = [](int64_t in, int64_t kernel, int64_t stride, int64_t dilation, int64_t before,
                           int64_t after) {
      const int64_t padded = in + before + after, room = padded - dilation * (kernel - 1) - 1;
      return padded > 1 << 28 || room < 0 ? int64_t{0} : room / stride + 1;
    };
    const int64_t h = places(s.h, s.kh, s.stride_h, s.dilation_h, s.pad_top, s.pad_bottom),
                  w = places(s.w, s.kw, s.stride_w, s.dilation_w, s.pad_left, s.pad_right);
    if (h < 1 || w < 1 || h > 500 || w > 500 || h * w > 500) continue;
    check(s);
    ++count;
  }
}

TEST(Conv2d, IsTheSameOnAllThreads) {
  for (int n : {1, 2, 5, 16})
    for (int c : {1, 2, 3, 8, 30, 64})
      for (int o : {1, 13, 32, 64})
        for (int k : {1, 3, 5})
          for (int stride : {1, 2}) {
            const int size = k == 5 ? 28 : 15, pad = k / 2;
            check_bits(Shape{n, c, size, size, o, k, k, stride, stride, 1, 1, pad, pad, pad, pad, 1});
          }
  check_bits(Shape{4, 128, 14, 14, 128, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  check_bits(Shape{4, 256, 8, 8, 512, 1, 1, 2, 2, 1, 1, 0, 0, 0, 0, 1});
  check_bits(Shape{4, 64, 20, 20, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 64});
  check_bits(Shape{4, 96, 13, 13, 64, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, 2});
  check_bits(Shape{3, 6, 15, 15, 9, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 3});
  check_bits(Shape{1, 10, 40, 40, 30, 5, 5, 2, 1, 1, 1, 2, 2, 2, 2, 5});
  check_bits(Shape{1, 33, 23, 23, 65, 3, 3, 1, 1, 1, 1, 0, 2, 1, 0, 1});
  check_bits(Shape{8, 32, 17, 19, 48, 3, 3, 1, 1, 2, 2, 2, 2, 2, 2, 1});
}

// Large outputs are written past the caches, if they lie at whole lines: the values are the same.
TEST(Conv2d, LargeOutputsAreTheSameWhereverTheyLie) {
  for (Shape s : {Shape{33, 16, 46, 46, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1},      // Winograd, 18 MB
                  Shape{17, 80, 56, 56, 80, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 80}}) {  // depthwise, 17 MB in and out
    const Floats x = normals(x_size(s), 1), w = normals(w_size(s), 2), b = normals(s.o, 3);
    const size_t size = static_cast<size_t>(y_size(s));
    const auto at = [&](int64_t offset) {
      float* block = static_cast<float*>(ek_alloc((size + 16) * sizeof(float)));
      float* y = block + offset;
      EXPECT_EQ(ek_conv2d(&s, x.data(), w.data(), 0, b.data(), EK_IDENTITY, y), EK_OK) << ek_error();
      const Floats copy(y, y + size);
      ek_free(block);
      return copy;
    };
    const Floats lines = same_for_all_threads([&] { return at(0); }, name(s));
    EXPECT_TRUE(same_bits(lines, at(1))) << name(s);
  }
}

TEST(Conv2d, ActivationInsideIsTheOneBehind) {
  for (const Shape& s :
       {Shape{2, 1, 9, 11, 24, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, 1}, Shape{2, 3, 9, 11, 6, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1},
        Shape{3, 17, 9, 11, 33, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1},
        Shape{2, 16, 7, 7, 40, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, 1},
        Shape{5, 12, 9, 11, 24, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1},
        Shape{1, 64, 40, 40, 64, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1}}) {
    Floats x = normals(x_size(s), 1), w = normals(w_size(s), 2), b = normals(s.o, 3);
    for (int activation : {EK_RELU, EK_RELU6}) {
      Floats behind = forward(s, x, w, b);
      (activation == EK_RELU ? ek_relu : ek_relu6)(behind.data(), behind.data(), y_size(s));
      EXPECT_TRUE(same_bits(forward(s, x, w, b, 0, activation), behind)) << name(s);
    }
    b[0] = NAN;
    EXPECT_TRUE(std::isnan(forward(s, x, w, b, 0, EK_RELU)[0])) << name(s);
    EXPECT_TRUE(std::isnan(forward(s, x, w, b, 0, EK_RELU6)[0])) << name(s);
    EXPECT_EQ(ek_conv2d(&s, x.data(), w.data(), 0, b.data(), EK_TANH, nullptr), EK_INVALID) << name(s);
  }
}

TEST(Conv2d, NewStampMeansNewWeights) {
  const Shape s{2, 16, 9, 9, 24, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  const Floats x = normals(x_size(s), 1), gy = normals(y_size(s), 2);
  for (int64_t stamp = 1; stamp <= 20; ++stamp) {
    const Floats w = normals(w_size(s), static_cast<uint32_t>(stamp));
    for (int use = 0; use < 3; ++use) {
      EXPECT_TRUE(same_bits(forward(s, x, w, {}, stamp), forward(s, x, w, {}))) << "y";
      EXPECT_TRUE(same_bits(grad_input(s, gy, w, stamp), grad_input(s, gy, w))) << "gx";
    }
  }
}

TEST(Conv2d, SameStampInAnotherShapeIsPackedAnew) {  // the same numbers, reshaped
  const int64_t stamp = 60;
  for (int use = 0; use < 3; ++use)
    for (int c : {16, 64, 32})
      for (int size : {3, 5}) {
        const Shape s{1, c, 8, 8, 2048 / c * 9 / (size * size), size, size, 1, 1, 1, 1, 1, 1, 1, 1, 1};
        const Floats x = normals(x_size(s), 1), gy = normals(y_size(s), 2), w = normals(w_size(s), 3);
        EXPECT_TRUE(same_bits(forward(s, x, w, {}, stamp), forward(s, x, w, {}))) << name(s);
        EXPECT_TRUE(same_bits(grad_input(s, gy, w, stamp), grad_input(s, gy, w))) << name(s);
      }
}

TEST(Conv2d, PackedWeightsGiveWayUnderPressure) {
  const Shape s{1, 64, 9, 9, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  const Floats x = normals(x_size(s), 1), w = normals(w_size(s), 2);
  const int64_t before = ek_memory_used();
  for (int64_t stamp = 101; stamp < 150; ++stamp)
    for (int use = 0; use < 2; ++use) forward(s, x, w, {}, stamp);
  const int64_t kept = ek_memory_used() - before;
  ek_memory_limit(ek_memory_used() + ek_memory_cached());
  void* p = ek_alloc(kept / 2);
  EXPECT_NE(p, nullptr) << ek_error();
  ek_free(p);
  ek_memory_limit(0);
}

// Parts of a batch, and of an image, whose sizes differ.
TEST(Conv2d, PackedWeightsServeAllParts) {
  int64_t stamp = 251;
  for (const Shape& s : {Shape{9, 64, 14, 14, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1},
                         Shape{1, 64, 29, 28, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1}}) {
    const Floats x = normals(x_size(s), 1), w = normals(w_size(s), 2);
    const Chosen chosen(s, 0, "onednn");
    const int64_t before = ek_memory_used();
    for (int use = 0; use < 2; ++use) forward(s, x, w, {}, stamp);
    EXPECT_LE(ek_memory_used() - before, 4 * w_size(s) * 3 / 2) << name(s);
    ek_forget_weights(stamp++);
  }
}

TEST(Conv2d, PackedWeightsGoWithTheirStamp) {
  const Shape s{1, 64, 9, 9, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  const Floats x = normals(x_size(s), 1), gy = normals(y_size(s), 2), w = normals(w_size(s), 3);
  for (int round = 0; round < 2; ++round) {
    const int64_t before = ek_memory_used();
    for (int use = 0; use < 2; ++use) {
      forward(s, x, w, {}, 201);
      grad_input(s, gy, w, 201);
    }
    EXPECT_GE(ek_memory_used() - before, 2 * 4 * w_size(s));
    ek_forget_weights(201);
    ek_forget_weights(201);
    EXPECT_EQ(ek_memory_used(), before);
  }
}

TEST(Conv2d, KeepsNoWeightsWithoutAStamp) {
  const Shape s{1, 64, 14, 14, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  const Floats x = normals(x_size(s), 1), w = normals(w_size(s), 2), b = normals(s.o, 3);
  const int64_t before = ek_memory_used();
  const Floats y = forward(s, x, w, b, 0);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(same_bits(forward(s, x, w, b, 0), y));
  EXPECT_EQ(ek_memory_used(), before);
}

TEST(Conv2d, SeveralCallersAtOnce) {
  for (const Shape& s : {Shape{4, 32, 14, 14, 48, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1},
                         Shape{8, 1, 28, 28, 30, 5, 5, 1, 1, 1, 1, 0, 0, 0, 0, 1}}) {
    const Floats x = normals(x_size(s), 1), w = normals(w_size(s), 2), b = normals(s.o, 3), gy = normals(y_size(s), 4);
    expect_same_at_once([&] { return forward(s, x, w, b, 901); }, "y " + name(s));
    expect_same_at_once([&] { return grad_input(s, gy, w, 901); }, "gx " + name(s));
    expect_same_at_once([&] { return grad_weight(s, x, gy); }, "gw " + name(s));
  }
}

TEST(Conv2d, ExplainsEveryDirection) {
  const Shape s{4, 32, 14, 14, 48, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  for (int direction = 0; direction < 3; ++direction) EXPECT_STRNE(ek_conv2d_explain(&s, direction, nullptr), "");
}
