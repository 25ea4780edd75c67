#include "conv2d_testing.h"

using namespace testing_ek;

namespace {
std::vector<std::string> words(const std::string& text, char separator = ' ') {
  std::vector<std::string> found;
  for (size_t at = 0, end; at < text.size(); at = end + 1) {
    end = std::min(text.find(separator, at), text.size());
    found.push_back(text.substr(at, end - at));
  }
  return found;
}

std::string candidates(const Shape& s, int pass) {
  const char* text = ek_conv2d_candidates(&s, pass);
  return text ? text : ek_error();
}
std::string algorithm(const Shape& s, int pass) {
  const char* text = ek_conv2d_explain(&s, pass, nullptr);
  return text ? words(text)[0] : ek_error();
}

// Every candidate of every pass against the reference, and the same bits on all threads.
void check(const Shape& s) {
  const Floats x = normals(x_size(s), 1), w = normals(w_size(s), 2), b = normals(s.o, 3), gy = normals(y_size(s), 4);
  const Reference r = reference(s, x, w, gy);
  for (int pass = 0; pass < 3; ++pass)
    for (const std::string& name : words(candidates(s, pass))) {
      const Chosen chosen(s, pass, name);
      const std::string what = name + ", pass " + std::to_string(pass) + ", " + testing_ek::name(s);
      EXPECT_EQ(algorithm(s, pass), name);
      const Floats got = same_for_all_threads(
          [&] { return pass == 0   ? forward(s, x, w, {})
                       : pass == 1 ? grad_input(s, gy, w)
                                   : grad_weight(s, x, gy); },
          what);
      if (pass == 0) {
        Floats behind = forward(s, x, w, b);
        ek_relu(behind.data(), behind.data(), y_size(s));
        EXPECT_TRUE(same_bits(forward(s, x, w, b, 0, EK_RELU), behind)) << what;
        ek_relu6(behind.data(), behind.data(), y_size(s));
        EXPECT_TRUE(same_bits(forward(s, x, w, b, 0, EK_RELU6), behind)) << what;
      }
      EXPECT_LT(error(got, pass == 0 ? r.y : pass == 1 ? r.gx : r.gw), pass == 2 ? 4e-5 : 2e-5) << what;
    }
}

// The fields of the profile's line for an operation and an algorithm.
std::vector<std::string> line_of(const std::string& op, const std::string& algorithm) {
  for (const std::string& line : words(ek_profile(), '\n')) {
    const auto fields = words(line, '\t');
    if (fields[0] == op && fields[1] == algorithm) return fields;
  }
  return {};
}
}  // namespace

//                  n  c  h  w  o  kh kw  s     d     top left bottom right groups
const Shape k3x3{2, 32, 10, 12, 24, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1};
const Shape kFirst{3, 1, 28, 28, 6, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, 1};
const Shape kStrided{16, 32, 14, 14, 24, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1};
const Shape kLast{2, 64, 5, 5, 33, 3, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1};

TEST(Conv2dAlgorithms, AreTriedInOrder) {
  const bool wide = std::string(ek_isa()) == "avx512";
  for (int pass = 0; pass < 3; ++pass) {
    const std::string few = pass == 1 ? "" : "few ";  // its input gradient takes kernel rows of 32 floats at most
    const std::string last = pass == 0 ? "im2col onednn onednn-blocked" : "onednn onednn-blocked";
    const std::string rows = pass == 1 ? "" : "few-winograd few ";
    EXPECT_EQ(candidates(k3x3, pass),
              vectors() ? "winograd-f4 " + rows + "winograd-f2 " + last : "onednn onednn-blocked");
    EXPECT_EQ(algorithm(k3x3, pass), vectors() ? "winograd-f4" : "onednn");
    const std::string strided = "winograd-f4 " + few + last;
    EXPECT_EQ(candidates(kStrided, pass), vectors() ? strided : "onednn onednn-blocked");
    EXPECT_EQ(candidates(kLast, pass), "onednn onednn-blocked");  // of too few products to pack weights
    EXPECT_EQ(algorithm(kLast, pass), "onednn");
  }
  EXPECT_STREQ(ek_conv2d_candidates(nullptr, 0),
               "whole plain gemm depthwise few-winograd few winograd-f4 winograd-f2 im2col onednn onednn-blocked");
  EXPECT_EQ(candidates(kFirst, 0),
            vectors() ? "few-winograd few winograd-f4 im2col onednn onednn-blocked" : "onednn onednn-blocked");
  EXPECT_EQ(algorithm(kFirst, 0), vectors() ? "few-winograd" : "onednn");
  EXPECT_EQ(algorithm(kFirst, 1), vectors() ? "few-winograd" : "onednn");
  EXPECT_EQ(algorithm(kFirst, 2), vectors() ? "few-winograd" : "onednn");
  Shape alone = kStrided;  // too few tiles for the weights that have to be transformed
  alone.n = 1;
  EXPECT_EQ(algorithm(alone, 0), vectors() ? "im2col" : "onednn");
  for (int pass : {1, 2}) EXPECT_EQ(algorithm(alone, pass), "onednn");
  alone.n = 6;  // and so many windows that copying them costs more than their weights
  EXPECT_EQ(algorithm(alone, 0), "onednn");
  Shape colours = kFirst;
  colours.c = 3;
  EXPECT_EQ(algorithm(colours, 2), vectors() ? "few-winograd" : "onednn");
  Shape some = kFirst;  // so many channels that both sides of a tile pay, if Winograd has such a kernel
  some.n = 16, some.c = 13, some.o = 16;
  EXPECT_EQ(algorithm(some, 0), vectors() ? "winograd-f4" : "onednn");
  some.kh = 3, some.pad_top = some.pad_bottom = 1;
  EXPECT_EQ(algorithm(some, 0), vectors() ? "few-winograd" : "onednn");
  EXPECT_EQ(algorithm(some, 2), vectors() ? "few-winograd" : "onednn");
  for (int channels : {12, 13, 15}) {
    const Shape tiles{16, channels, 28, 28, 32, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, 1};
    EXPECT_EQ(algorithm(tiles, 2), vectors() ? "winograd-f4" : "onednn") << channels;
  }
  for (int channels : {3, 4, 6, 7}) {  // the first of a ResNet
    Shape first{16, channels, 64, 64, 64, 7, 7, 2, 2, 1, 1, 3, 3, 3, 3, 1};
    const std::string few = vectors() ? "few" : "onednn", tiles = vectors() ? "winograd-f4" : "onednn";
    EXPECT_EQ(algorithm(first, 0), wide && channels == 4 ? few : tiles) << channels;
    EXPECT_EQ(algorithm(first, 2), tiles) << channels;
    first.o = 32;
    EXPECT_EQ(algorithm(first, 0), wide ? (channels > 3 ? few : tiles) : channels < 6 ? few : tiles) << channels;
    EXPECT_EQ(algorithm(first, 2), tiles) << channels;
  }
  for (int channels : {3, 10}) {  // rows of the kernel are few floats
    const Shape back{16, channels, 56, 56, 32, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1};
    EXPECT_EQ(algorithm(back, 1), vectors() ? "few" : "onednn") << channels;
  }
  const Direct direct;
  EXPECT_EQ(algorithm(kFirst, 0), vectors() ? "few" : "onednn");
  EXPECT_EQ(algorithm(kFirst, 2), vectors() ? "few" : "onednn");
  EXPECT_EQ(algorithm(colours, 2), vectors() && !wide ? "few" : "onednn");
}

TEST(Conv2dAlgorithms, EachChannelByItself) {
  const bool wide = std::string(ek_isa()) == "avx512";
  Shape s{2, 128, 14, 14, 128, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 128};
  EXPECT_EQ(algorithm(s, 0), vectors() ? "depthwise" : "onednn");
  for (int pass : {1, 2}) EXPECT_EQ(algorithm(s, pass), wide ? "depthwise" : "onednn");
  s.stride_h = s.stride_w = 2;
  EXPECT_EQ(algorithm(s, 0), vectors() ? "depthwise" : "onednn");
  EXPECT_EQ(algorithm(s, 1), "onednn");
}

TEST(Conv2dAlgorithms, ProductsOfPixelsAreMatrixProducts) {
  Shape s{1, 64, 7, 7, 32, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1};
  for (int pass = 0; pass < 3; ++pass) EXPECT_EQ(algorithm(s, pass), "gemm");
  s.h = s.w = 1;
  EXPECT_EQ(words(candidates(s, 0))[0], "whole");
  s.h = s.w = 7, s.n = 2;  // beyond 400,000 floating-point operations weights are packed
  EXPECT_EQ(algorithm(s, 0), vectors() ? "gemm" : "onednn");
  EXPECT_EQ(algorithm(s, 2), "onednn");
  s.o = 64;
  EXPECT_EQ(algorithm(s, 2), vectors() ? "gemm" : "onednn");
  s.n = 21;
  EXPECT_EQ(algorithm(s, 2), "onednn");
  Shape strided = s;
  strided.n = 2, strided.h = strided.w = 14, strided.stride_h = strided.stride_w = 2;
  for (int pass = 0; pass < 3; ++pass) EXPECT_EQ(algorithm(strided, pass), vectors() ? "gemm" : "onednn");
  EXPECT_EQ(candidates(s, 1), "onednn gemm onednn-blocked");
  EXPECT_EQ(words(candidates(s, 1))[0], "onednn");
}

TEST(Conv2dAlgorithms, EveryCandidateIsRight) {
  for (const Shape& s : {
           Shape{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1},
           Shape{2, 3, 7, 9, 5, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1},
           Shape{1, 13, 5, 6, 17, 3, 3, 1, 1, 1, 1, 2, 1, 0, 2, 1},
           Shape{3, 20, 13, 11, 9, 3, 3, 1, 1, 1, 1, 0, 1, 1, 0, 1},
           Shape{2, 32, 10, 9, 31, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1},
           Shape{2, 1, 3, 2, 40, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1},
           Shape{2, 31, 9, 8, 30, 2, 5, 1, 1, 1, 1, 1, 2, 0, 2, 1},
           Shape{2, 25, 12, 13, 7, 3, 3, 2, 3, 1, 2, 1, 2, 2, 1, 1},
           Shape{2, 5, 6, 7, 18, 5, 5, 1, 1, 1, 1, 0, 2, 4, 1, 1},
           Shape{1, 32, 17, 17, 32, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, 1},
           Shape{2, 6, 9, 9, 4, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 2},
           Shape{1, 40, 23, 21, 24, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1},
           Shape{5, 9, 4, 3, 22, 4, 3, 1, 1, 1, 1, 0, 0, 0, 0, 1},
           Shape{3, 7, 13, 12, 11, 3, 4, 2, 1, 2, 1, 2, 1, 0, 3, 1},
           Shape{9, 40, 12, 12, 56, 4, 4, 2, 2, 1, 1, 1, 1, 1, 1, 1},
           Shape{7, 64, 16, 16, 96, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1},
           Shape{3, 17, 8, 8, 23, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1},
           Shape{1, 96, 7, 7, 165, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1},
           Shape{1, 320, 5, 5, 260, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1},
           Shape{2, 24, 33, 32, 17, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1},
           Shape{1, 700, 1, 7, 50, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1},
           Shape{2, 40, 9, 8, 70, 1, 1, 2, 2, 1, 1, 0, 0, 0, 0, 1},
           Shape{3, 64, 7, 10, 33, 1, 1, 3, 1, 1, 1, 0, 0, 0, 0, 1},
           Shape{1, 5, 4, 9, 6, 1, 1, 1, 4, 1, 1, 0, 0, 0, 0, 1},
           Shape{2, 16, 9, 8, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 16},
           Shape{1, 40, 6, 7, 40, 3, 3, 1, 1, 1, 1, 4, 3, 3, 4, 40},
           Shape{1, 48, 5, 75, 48, 3, 3, 1, 1, 1, 2, 1, 2, 1, 2, 48},
           Shape{3, 64, 12, 13, 64, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 64},
           Shape{1, 37, 7, 6, 37, 3, 3, 2, 1, 1, 2, 2, 0, 1, 1, 37},
           Shape{2, 33, 1, 2, 33, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 33},
           Shape{2, 24, 6, 9, 24, 3, 3, 1, 3, 2, 1, 0, 3, 0, 2, 24},
           Shape{9, 96, 31, 33, 96, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 96},
           Shape{3, 6, 14, 14, 16, 5, 5, 1, 1, 1, 1, 0, 0, 0, 0, 1},
           Shape{7, 1, 29, 28, 30, 7, 7, 1, 1, 1, 1, 3, 3, 3, 3, 1},
           Shape{2, 3, 70, 81, 40, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1},
           Shape{2, 15, 5, 9, 17, 1, 5, 1, 1, 1, 1, 0, 0, 0, 0, 1},
           Shape{1, 2, 9, 11, 3, 4, 7, 1, 1, 1, 1, 3, 0, 1, 2, 1},
           Shape{2, 8, 11, 13, 9, 11, 5, 1, 1, 1, 1, 5, 2, 5, 2, 1},
           Shape{2, 4, 3, 7, 65, 6, 3, 1, 1, 1, 1, 4, 1, 2, 1, 1},
           Shape{2, 33, 17, 15, 70, 5, 3, 2, 2, 2, 3, 3, 4, 1, 2, 1},
           Shape{1, 130, 9, 9, 37, 3, 3, 3, 1, 1, 1, 4, 3, 0, 1, 1},
           Shape{2, 300, 3, 3, 45, 1, 1, 1, 1, 1, 1, 1, 0, 2, 1, 1},
           Shape{3, 40, 41, 40, 19, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1},
           Shape{1, 17, 30, 30, 20, 11, 9, 4, 4, 1, 1, 2, 1, 3, 0, 1},
       })
    check(s);
}

// By every algorithm the input gradient added to what is there is the sum of both: the same bits.
TEST(Conv2dAlgorithms, InputGradientIsAddedToWhatIsThere) {
  for (const Shape& s : {Shape{2, 64, 14, 15, 32, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1},
                         Shape{1, 20, 9, 7, 33, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1},
                         Shape{2, 37, 17, 17, 40, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1},
                         Shape{8, 256, 7, 7, 512, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1},
                         Shape{2, 16, 13, 13, 24, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, 1},
                         Shape{2, 10, 32, 32, 16, 7, 7, 2, 2, 1, 1, 3, 3, 3, 3, 1},
                         Shape{2, 64, 14, 14, 128, 1, 1, 2, 2, 1, 1, 0, 0, 0, 0, 1},
                         Shape{2, 32, 12, 12, 32, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 32},
                         Shape{4, 6, 14, 14, 16, 5, 5, 1, 1, 1, 1, 0, 0, 0, 0, 1}}) {
    const Floats gy = normals(y_size(s), 1), w = normals(w_size(s), 2), there = normals(x_size(s), 3);
    for (const std::string& algorithm : words(candidates(s, 1))) {
      const Chosen chosen(s, 1, algorithm);
      Floats sum = grad_input(s, gy, w);
      for (size_t i = 0; i < sum.size(); ++i) sum[i] += there[i];
      const auto added = [&] {
        Floats gx = there;
        EXPECT_EQ(ek_conv2d_grad_input(&s, gy.data(), w.data(), 0, 1, gx.data()), EK_OK) << ek_error();
        return gx;
      };
      EXPECT_TRUE(same_bits(same_for_all_threads(added, name(s)), sum)) << algorithm << " " << name(s);
    }
  }
}

TEST(Conv2dAlgorithms, AChoiceHoldsForOneShapeAndPass) {
  const Chosen chosen(k3x3, 1, "onednn");
  Shape other = k3x3;
  ++other.n;
  EXPECT_EQ(algorithm(k3x3, 1), "onednn");
  EXPECT_EQ(algorithm(k3x3, 0), algorithm(other, 1));
  EXPECT_EQ(candidates(k3x3, 1), candidates(other, 1));
  ek_conv2d_choose_none();
  EXPECT_EQ(algorithm(k3x3, 1), algorithm(other, 1));
}

TEST(Conv2dAlgorithms, WinogradSettingGoesBeforeAChoice) {
  if (!vectors()) GTEST_SKIP();
  const Chosen chosen(k3x3, 0, "winograd-f4");
  const int before = ek_winograd();
  ek_set_winograd(2);
  EXPECT_EQ(candidates(k3x3, 0), "winograd-f2 few im2col onednn onednn-blocked");
  EXPECT_EQ(algorithm(k3x3, 0), "winograd-f2");
  ek_set_winograd(0);
  EXPECT_EQ(candidates(k3x3, 0), "im2col few onednn onednn-blocked");
  EXPECT_EQ(algorithm(k3x3, 0), "im2col");
  EXPECT_EQ(ek_conv2d_choose(&k3x3, 1, "winograd-f2"), EK_INVALID);
  ek_set_winograd(before);
  EXPECT_EQ(algorithm(k3x3, 0), "winograd-f4");
}

TEST(Conv2dAlgorithms, RefusesWhatCannotBe) {
  const auto refuses = [](const Shape& s, int pass, const char* name, const char* why) {
    EXPECT_EQ(ek_conv2d_choose(&s, pass, name), EK_INVALID);
    EXPECT_NE(std::string(ek_error()).find(why), std::string::npos) << ek_error();
  };
  refuses(kLast, 0, "winograd-f4", "winograd-f4 does not take pass 0");
  refuses(kLast, 0, "fast",
          "'fast'; there are: whole plain gemm depthwise few-winograd few winograd-f4 winograd-f2 im2col onednn "
          "onednn-blocked");
  refuses(kLast, 3, "onednn", "pass 3");
  Shape s = kLast;
  s.stride_h = 0;
  refuses(s, 0, "onednn", "number 7 of a convolution's shape is 0");
  s = kLast, s.pad_right = -1;
  refuses(s, 0, "onednn", "number 14");
  s = kLast, s.groups = 3;
  refuses(s, 0, "onednn", "3 groups");
  s = kLast, s.dilation_w = 1 << 24;
  refuses(s, 0, "onednn", "does not fit");
  EXPECT_EQ(ek_conv2d_candidates(&s, 0), nullptr);
  EXPECT_EQ(ek_conv2d_explain(&s, 0, nullptr), nullptr);
  EXPECT_EQ(ek_conv2d_explain(&kLast, 0, "fast"), nullptr);
  ek_dim times[8];
  EXPECT_EQ(ek_conv2d_time(&s, 0, 0, 1, times), EK_INVALID);
}

TEST(Conv2dAlgorithms, AreTimed) {
  for (int pass = 0; pass < 3; ++pass)
    for (int packed : {0, 1}) {
      ek_dim times[8] = {};
      const int count = static_cast<int>(words(candidates(k3x3, pass)).size());
      EXPECT_EQ(ek_conv2d_time(&k3x3, pass, packed, count - 1, times), EK_INVALID);
      for (int i = 0; i < 8; ++i) EXPECT_EQ(times[i], 0);
      EXPECT_EQ(ek_conv2d_time(&k3x3, pass, packed, count, times), EK_OK) << ek_error();
      for (int i = 0; i < 8; ++i) EXPECT_EQ(times[i] > 0, i < count);
    }
}

TEST(Profile, CountsConvolutions) {
  const Shape s{2, 3, 5, 6, 4, 3, 2, 1, 2, 2, 1, 4, 0, 3, 1, 1};
  const Floats x = normals(x_size(s), 1), w = normals(w_size(s), 2), gy = normals(y_size(s), 4);
  const Chosen chosen(s, 0, "onednn");
  ek_set_profiling(0);
  EXPECT_STREQ(ek_profile(), "");
  for (int i = 0; i < 3; ++i) forward(s, x, w, {});
  grad_weight(s, x, gy);
  Floats y(7);
  ek_relu(y.data(), y.data(), 7);
  const auto line = line_of("conv2d", "onednn");
  ASSERT_EQ(line.size(), 6u) << ek_profile();
  EXPECT_EQ(line[2], "3");
  EXPECT_GT(std::stoll(line[3]), 0);
  EXPECT_EQ(line[4], std::to_string(3 * 2 * y_size(s) * 3 * 3 * 2));
  EXPECT_EQ(line[5], "2 3 5 6 4 3 2 1 2 2 1 4 0 3 1 1");
  EXPECT_EQ(line_of("conv2d_grad_weight", algorithm(s, 2)).at(2), "1");
  EXPECT_EQ(words(ek_profile(), '\n').size(), 2u);
}

TEST(Profile, CountsEverythingOnDemand) {
  Floats x = normals(12, 1), y(16);
  ek_set_profiling(1);
  EXPECT_EQ(ek_profiling(), 1);
  ek_relu(x.data(), y.data(), 12);
  ek_relu(x.data(), y.data(), 12);
  ek_linear(2, 4, 3, x.data(), x.data(), nullptr, EK_IDENTITY, y.data());
  EXPECT_EQ(line_of("relu", "").at(2), "2") << ek_profile();
  EXPECT_EQ(line_of("linear", "").at(4), "48");
  EXPECT_EQ(line_of("linear", "").at(5), "1 2 3 4");
  ek_set_profiling(0);
  EXPECT_STREQ(ek_profile(), "");
  ek_relu(x.data(), y.data(), 12);
  EXPECT_STREQ(ek_profile(), "");
}

TEST(Profile, IsBounded) {
  ek_set_profiling(1);
  const Floats x(3000);
  Floats y(1);
  for (int k = 1; k < 3000; ++k) ek_linear(1, 1, k, x.data(), x.data(), nullptr, EK_IDENTITY, y.data());
  const auto lines = words(ek_profile(), '\n');
  EXPECT_EQ(lines.size(), 1024u);
  EXPECT_EQ(words(lines[0], '\t').at(5), "1 1 2999 1");
  ek_set_profiling(0);
}
