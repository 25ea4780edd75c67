// Shared by the kernel tests: random data, errors against double references, thread counts.
#pragma once
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "einkorn.h"

namespace testing_ek {
typedef std::vector<float> Floats;
typedef std::vector<int64_t> Longs;
typedef std::vector<uint8_t> Bytes;

// Sizes around vector and chunk boundaries.
inline const std::vector<int64_t>& odd_sizes() {
  static const std::vector<int64_t> sizes = {1, 3, 7, 8, 9, 13, 64, 1000003};
  return sizes;
}

inline Floats uniform(int64_t n, float low = -1, float high = 1, uint32_t seed = 1) {
  std::mt19937 engine(seed);
  std::uniform_real_distribution<float> draw(low, high);
  Floats x(static_cast<size_t>(n));
  for (float& v : x) v = draw(engine);
  return x;
}

// Whole numbers, for which sums and products are exact.
inline Floats whole(int64_t n, int low = -8, int high = 8, uint32_t seed = 1) {
  std::mt19937 engine(seed);
  std::uniform_int_distribution<int> draw(low, high);
  Floats x(static_cast<size_t>(n));
  for (float& v : x) v = static_cast<float>(draw(engine));
  return x;
}

// n numbers in 0..below-1
inline Longs indices(int64_t n, int64_t below, uint32_t seed = 1) {
  std::mt19937_64 engine(seed);
  Longs x(static_cast<size_t>(n));
  for (int64_t& v : x) v = static_cast<int64_t>(engine() % static_cast<uint64_t>(below));
  return x;
}

// Largest |got - want| / max(|want|, floor); equal infinities and two NaNs agree, NaN against a number is infinite.
template <class Want>
double max_relative_error(const Floats& got, const std::vector<Want>& want, double floor = 1e-30) {
  double worst = got.size() == want.size() ? 0 : INFINITY;
  for (size_t i = 0; i < got.size() && i < want.size(); ++i) {
    const double g = got[i], w = static_cast<double>(want[i]);
    if (static_cast<float>(w) == got[i] || (std::isnan(g) && std::isnan(w))) continue;
    const double error = std::fabs(g - w) / std::fmax(std::fabs(w), floor);
    worst = std::isnan(error) ? INFINITY : std::fmax(worst, error);
  }
  return worst;
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

// f() with that many threads; the count is restored.
template <class F>
auto with_threads(int threads, const F& f) {
  const int before = ek_threads();
  EXPECT_EQ(ek_set_threads(threads), EK_OK);
  auto result = f();
  ek_set_threads(before);
  return result;
}

// f() returns a vector; it must be the same bits with one, two and three threads. Returns it.
template <class F>
auto same_for_all_threads(const F& f) {
  auto one = with_threads(1, f);
  EXPECT_TRUE(same_bits(one, with_threads(2, f)));
  EXPECT_TRUE(same_bits(one, with_threads(3, f)));
  return one;
}

typedef std::vector<double> Doubles;

inline Floats normals(int64_t n, uint32_t seed, float mean = 0, float std = 1) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> draw(mean, std);
  Floats x(static_cast<size_t>(n));
  for (float& v : x) v = draw(engine);
  return x;
}

// |got - want| <= tolerance * (|want| + the root mean square of all that is wanted); 0 asks for equality.
inline void expect_close(const Floats& got, const Doubles& want, double tolerance, const std::string& what) {
  ASSERT_EQ(got.size(), want.size()) << what;
  double squares = 0;
  for (double w : want) squares += w * w;
  const double rms = want.empty() ? 0 : std::sqrt(squares / static_cast<double>(want.size()));
  for (size_t i = 0; i < got.size(); ++i)
    ASSERT_LE(std::fabs(got[i] - want[i]), tolerance * (rms + std::fabs(want[i])))
        << what << " [" << i << "]: " << got[i] << " instead of " << want[i];
}

// As same_for_all_threads, naming the case that differs.
template <class F>
auto same_for_all_threads(const F& f, const std::string& what) {
  const testing::ScopedTrace trace(__FILE__, __LINE__, what);
  return same_for_all_threads(f);
}

// f() on several threads at once gives what it gives alone.
template <class F>
void expect_same_at_once(const F& f, const std::string& what, int callers = 4, int times = 8) {
  const auto alone = f();
  std::vector<int> wrong(static_cast<size_t>(callers), 0);
  std::vector<std::thread> threads;
  for (int& count : wrong)
    threads.emplace_back([&] {
      for (int i = 0; i < times; ++i) count += !same_bits(f(), alone);
    });
  for (std::thread& t : threads) t.join();
  for (int w : wrong) EXPECT_EQ(w, 0) << what;
}
}  // namespace testing_ek
