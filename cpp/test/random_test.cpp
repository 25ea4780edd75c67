// Philox against the published test vectors' reference implementation, and the distributions drawn from it.
#include <algorithm>
#include <array>

#include "testing.h"

using namespace testing_ek;

namespace {
typedef std::array<uint32_t, 4> Block;

// Salmon et al., "Parallel random numbers: as easy as 1, 2, 3": Philox 4x32-10.
Block philox(Block c, uint32_t k0, uint32_t k1) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t{0xD2511F53} * c[0], b = uint64_t{0xCD9E8D57} * c[2];
    c = {static_cast<uint32_t>(b >> 32) ^ c[1] ^ k0, static_cast<uint32_t>(b),
         static_cast<uint32_t>(a >> 32) ^ c[3] ^ k1, static_cast<uint32_t>(a)};
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  return c;
}

// Element i as a multiple of 2^-24.
float unit(uint64_t seed, uint64_t offset, int64_t i) {
  const uint64_t count = offset + static_cast<uint64_t>(i / 4);
  const Block c = philox({static_cast<uint32_t>(count), static_cast<uint32_t>(count >> 32), 0, 0},
                         static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32));
  return static_cast<float>(c[static_cast<size_t>(i % 4)] >> 8) * 0x1p-24f;
}

Floats draw_uniform(uint64_t seed, uint64_t offset, float low, float high, int64_t n) {
  Floats y(static_cast<size_t>(n), 9);
  EXPECT_EQ(ek_uniform(seed, offset, low, high, y.data(), n), EK_OK);
  return y;
}

Floats draw_normal(uint64_t seed, uint64_t offset, float mean, float std, int64_t n) {
  Floats y(static_cast<size_t>(n), 9);
  EXPECT_EQ(ek_normal(seed, offset, mean, std, y.data(), n), EK_OK);
  return y;
}

TEST(Random, ReferencePassesTheKnownAnswer) {
  EXPECT_EQ(philox({0, 0, 0, 0}, 0, 0), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  const uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox({ones, ones, ones, ones}, ones, ones), (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
}

// Every instruction set is held to the same reference, bit for bit.
TEST(Random, UniformIsPhilox) {
  const uint64_t seeds[] = {0, 1, 0xdeadbeefcafef00d}, offsets[] = {0, 5, 0xfffffffe, 0xfffffffffffffffd};
  for (uint64_t seed : seeds)
    for (uint64_t offset : offsets)
      for (int64_t n : {1, 3, 7, 8, 9, 13, 31, 32, 33, 64, 40003}) {
        const Floats y = same_for_all_threads([&] { return draw_uniform(seed, offset, 0, 1, n); });
        for (int64_t i = 0; i < n; ++i) ASSERT_EQ(y[static_cast<size_t>(i)], unit(seed, offset, i)) << i;
      }
}

TEST(Random, UniformStaysBelowHigh) {
  for (auto [low, high] :
       {std::pair{1.0f, std::nextafter(1.0f, 2.0f)}, {100.0f, 100.00001f}, {-1.0f, 1.0f}, {3.0f, 3.0f}}) {
    const Floats y = draw_uniform(1, 2, low, high, 100000);
    EXPECT_GE(*std::min_element(y.begin(), y.end()), low);
    if (low < high) {
      EXPECT_LT(*std::max_element(y.begin(), y.end()), high);
    } else {
      EXPECT_EQ(*std::max_element(y.begin(), y.end()), low);
    }
  }
}

TEST(Random, OffsetsContinueASequence) {
  const Floats whole = draw_uniform(7, 0, 0, 1, 1000), rest = draw_uniform(7, 10, 0, 1, 960);
  EXPECT_TRUE(same_bits(Floats(whole.begin() + 40, whole.end()), rest));
}

TEST(Random, NormalIsBoxMuller) {
  for (int64_t n : {1, 2, 7, 33, 100003}) {
    const Floats y = same_for_all_threads([&] { return draw_normal(3, 4, 1, 2, n); });
    Doubles expected;
    for (int64_t i = 0; i < n; ++i) {
      const double u = unit(3, 4, i / 2 * 2) + 0x1p-24, turn = 2 * M_PI * unit(3, 4, i / 2 * 2 + 1);
      expected.push_back(1 + 2 * std::sqrt(-2 * std::log(u)) * (i % 2 ? std::sin(turn) : std::cos(turn)));
    }
    expect_close(y, expected, 1e-6, "normal");
  }
}

TEST(Random, Moments) {
  const int64_t n = 4000000;
  const Floats y = draw_normal(11, 0, 0, 1, n);
  double m1 = 0, m2 = 0, m4 = 0;
  for (double v : y) {
    m1 += v / n;
    m2 += v * v / n;
    m4 += v * v * v * v / n;
  }
  EXPECT_NEAR(m1, 0, 2e-3);
  EXPECT_NEAR(m2, 1, 3e-3);
  EXPECT_NEAR(m4, 3, 2e-2);
}

TEST(Random, DropoutKeepsWhereUniformReachesP) {
  for (float p : {0.0f, 0.25f, 0.5f, 0.9f, 1.0f})
    for (int64_t n : {1, 3, 7, 8, 9, 13, 64, 100003}) {
      const Floats x = normals(n, 1);
      const Floats y = same_for_all_threads([&] {
        Floats out(x.size());
        EXPECT_EQ(ek_dropout(5, 6, p, x.data(), out.data(), n), EK_OK);
        return out;
      });
      for (int64_t i = 0; i < n; ++i) {
        const auto k = static_cast<size_t>(i);
        ASSERT_EQ(y[k], unit(5, 6, i) >= p ? x[k] * (1 / (1 - p)) : 0);
      }
    }
}

TEST(Random, DropoutInPlace) {
  Floats x = normals(100, 1), y(100);
  ek_dropout(1, 2, 0.3f, x.data(), y.data(), 100);
  ek_dropout(1, 2, 0.3f, x.data(), x.data(), 100);
  EXPECT_TRUE(same_bits(x, y));
}
}  // namespace
