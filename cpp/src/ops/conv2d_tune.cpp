#ifdef EK_BASE
#include "conv2d_tune.h"

#include <algorithm>
#include <atomic>
#include <vector>

#include "memory.h"
#include "profile.h"

namespace ek {
namespace {
constexpr int64_t kRounds = 5, kMostRounds = 101;
constexpr int64_t kEnough = 40'000'000;  // ns for a convolution, where five rounds take less

// Scratch with numbers of both signs in it.
struct Filled : Scratch {
  explicit Filled(int64_t floats) : Scratch(floats) {
    uint32_t bits = 1;
    for (int64_t i = 0; i < floats; ++i) {
      bits = bits * 1664525u + 1013904223u;
      get()[i] = static_cast<float>(static_cast<int32_t>(bits)) * 0x1p-31f;
    }
  }
};

int64_t median(std::vector<int64_t>& v) {
  std::nth_element(v.begin(), v.begin() + v.size() / 2, v.end());
  return v[v.size() / 2];
}
}  // namespace

void conv2d_time(const ek_conv2d_shape& s, Conv2dPass pass, const Conv2dAlgorithms& candidates, bool packed,
                 ek_dim* result) {
  static std::atomic<int64_t> stamps{0};
  const int64_t stamp = packed ? --stamps : 0;  // negative ones are nobody else's
  const Filled x(s.n * conv2d_x_image(s)), y(s.n * conv2d_y_image(s)), w(conv2d_weights(s)), b(s.o);
  const bool forward = pass == Conv2dPass::forward, weight = pass == Conv2dPass::grad_weight;
  float* out = forward ? y : weight ? w : x;
  const Conv2dOperands d{x, y, w, stamp, forward ? b.get() : nullptr, false, out, weight ? b.get() : nullptr, false};
  std::vector<std::vector<int64_t>> times(candidates.size());
  const auto round = [&](bool counts) {
    for (size_t i = 0; i < candidates.size(); ++i) {
      const int64_t start = nanoseconds();
      conv2d_run(*candidates[i], s, pass, d);
      if (counts) times[i].push_back(nanoseconds() - start);
    }
  };
  for (int i = 0; i < 2; ++i) round(false);  // makes what is kept between calls; a packing from its second use on
  const int64_t start = nanoseconds();
  for (int64_t i = 0; i < kRounds || (i < kMostRounds && nanoseconds() - start < kEnough); ++i) round(true);
  std::transform(times.begin(), times.end(), result, median);
  ek_forget_weights(stamp);
}
}  // namespace ek
#endif
