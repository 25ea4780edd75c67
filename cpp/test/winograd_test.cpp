#include "conv2d_testing.h"

using namespace testing_ek;

namespace {
void check(const Shape& s, double most = 2e-5) {
  const Floats x = normals(x_size(s), 1), w = normals(w_size(s), 2), b = normals(s.o, 3), gy = normals(y_size(s), 4);
  Reference r = reference(s, x, w, gy);
  EXPECT_LT(error(same_for_all_threads([&] { return forward(s, x, w, {}); }, name(s)), r.y), most) << name(s);
  for (size_t i = 0; i < r.y.size(); ++i) r.y[i] += b[i % b.size()];
  EXPECT_LT(error(forward(s, x, w, b), r.y), most) << name(s);
  EXPECT_LT(error(same_for_all_threads([&] { return grad_input(s, gy, w); }, name(s)), r.gx), most) << name(s);
  EXPECT_LT(error(same_for_all_threads([&] { return grad_weight(s, x, gy); }, name(s)), r.gw), 4e-5) << name(s);
}

// At stride 2, in phases, whatever the table says of it.
void check_strided(const Shape& s) {
  const std::string name = vectors() ? "winograd-f4" : "onednn";
  const Chosen forward(s, 0, name), grad_input(s, 1, name), grad_weight(s, 2, name);
  check(s);
}
}  // namespace

TEST(Winograd, AgreesWithTheReference) {
  for (int c : {16, 17, 31, 32, 48, 64})
    for (int o : {16, 24, 33, 64, 80})
      for (int size : {1, 3, 4, 7, 14, 17})
        for (int n : {1, 3}) check(Shape{n, c, size, size + 1, o, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1});
}

TEST(Winograd, OfFiveByFiveAgreesWithTheReference) {
  for (int c : {16, 17, 31, 64})
    for (int o : {16, 33, 80})
      for (int size : {2, 4, 7, 13})
        for (int n : {1, 3}) check(Shape{n, c, size, size + 1, o, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, 1});
}

// The last tiles of rows and columns have what is left of four outputs, or of two of a 5x5 convolution.
TEST(Winograd, TilesOfEverySizeAtTheEdge) {
  for (int h : {5, 6, 7, 8})
    for (int w : {5, 6, 7, 8}) {
      check(Shape{3, 20, h, w, 24, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1});
      check(Shape{3, 20, h, w, 24, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, 1});
    }
}

// Tiles of 5x5 outputs, seven points on a side, taken of 64 channels and many tiles where they need far fewer products:
// whole ones, and every size at the edge.
TEST(Winograd, TilesOfSevenPointsAgreeWithTheReference) {
  for (int w : {5, 6, 7, 8, 9, 10}) {
    check(Shape{16, 64, 5, w, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 3e-5);
    check(Shape{16, 64, w, 5, 80, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 3e-5);
  }
  check(Shape{8, 64, 9, 17, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 3e-5);
  check(Shape{8, 64, 17, 9, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 3e-5);
  check(Shape{5, 72, 14, 13, 65, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 3e-5);
  check(Shape{5, 64, 15, 13, 64, 3, 3, 1, 1, 1, 1, 0, 2, 1, 0, 1}, 3e-5);
  for (int h : {9, 10, 11})
    for (int w : {12, 13, 14}) check(Shape{2, 20, h, w, 24, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, 1});
}

TEST(Winograd, AtStrideTwoAgreesWithTheReference) {
  for (int c : {3, 16, 20, 21, 48})
    for (int o : {16, 33, 80})
      for (int size : {1, 2, 7, 8, 14, 19})
        for (int n : {1, 3}) check_strided(Shape{n, c, size, size + 1, o, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1});
  for (int h : {7, 8, 9, 10})
    for (int w : {9, 10, 15, 16})
      for (int top : {0, 1, 2})
        for (int left : {0, 1, 2})
          for (int after : {0, 1, 2})
            check_strided(Shape{2, 16, h, w, 20, 3, 3, 2, 2, 1, 1, top, left, after, 2 - after, 1});
}

TEST(Winograd, OfSevenBySevenAtStrideTwoAgreesWithTheReference) {
  for (int c : {1, 3, 4, 21, 48})
    for (int o : {3, 16, 64, 72})
      for (int size : {2, 5, 11, 12, 13, 25})
        for (int n : {1, 3}) check_strided(Shape{n, c, size, size + 1, o, 7, 7, 2, 2, 1, 1, 3, 3, 3, 3, 1});
  for (int h : {11, 12, 13, 14})
    for (int w : {9, 16})
      for (int top : {0, 2, 5, 6})
        for (int left : {0, 1, 3, 6}) check_strided(Shape{2, 3, h, w, 20, 7, 7, 2, 2, 1, 1, top, left, 6 - top, 3, 1});
}

TEST(Winograd, TakesAnyPadding) {
  for (int top : {0, 1, 2})
    for (int left : {0, 1, 2})
      for (int bottom : {0, 2})
        for (int right : {0, 1}) check(Shape{2, 16, 9, 8, 16, 3, 3, 1, 1, 1, 1, top, left, bottom, right, 1});
  for (int top : {0, 1, 4})
    for (int left : {0, 3}) check(Shape{2, 16, 9, 8, 16, 5, 5, 1, 1, 1, 1, top, left, 2, 4, 1});
}

// So many tiles that parts of them have sums of their own in the weight gradient: two, four and eight parts.
TEST(Winograd, OfManyTilesAgreesWithTheReference) {
  for (int n : {9, 17, 40}) check(Shape{n, 16, 15, 18, 24, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  check(Shape{20, 16, 9, 10, 16, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, 1});
  check_strided(Shape{24, 16, 30, 29, 16, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1});
  check_strided(Shape{16, 3, 34, 37, 32, 7, 7, 2, 2, 1, 1, 3, 3, 3, 3, 1});
}

// Of large weights and few tiles all tiles meet a part of the weights, which is made for them; of three spans of output
// channels four threads do not. Kept weights give the same.
TEST(Winograd, OfManyChannelsAndFewTilesAgreesWithTheReference) {
  int64_t stamp = 7000;
  for (const Shape& s : {Shape{2, 150, 7, 8, 200, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1},
                         Shape{1, 200, 3, 9, 160, 3, 3, 1, 1, 1, 1, 0, 1, 2, 1, 1},
                         Shape{16, 150, 5, 5, 200, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1},
                         Shape{2, 150, 8, 7, 200, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, 1},
                         Shape{2, 90, 9, 8, 200, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1},
                         Shape{1, 45, 13, 16, 200, 7, 7, 2, 2, 1, 1, 3, 3, 3, 3, 1}}) {
    const std::string algorithm = vectors() ? "winograd-f4" : "onednn";
    const Chosen of_y(s, 0, algorithm), of_gx(s, 1, algorithm), of_gw(s, 2, algorithm);
    check(s, 3e-5);
    const Floats x = normals(x_size(s), 1), w = normals(w_size(s), 2), gy = normals(y_size(s), 3);
    ++stamp;
    const Floats y = forward(s, x, w, {}, stamp), gx = grad_input(s, gy, w, stamp);
    for (int use = 2; use < 4; ++use) {
      EXPECT_TRUE(same_bits(forward(s, x, w, {}, stamp), y)) << name(s);
      EXPECT_TRUE(same_bits(grad_input(s, gy, w, stamp), gx)) << name(s);
    }
  }
}
