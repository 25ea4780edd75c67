// Depthwise convolution: which shapes it takes, and the work cut into rows of outputs.
#ifdef EK_BASE
#include "conv2d_depthwise.h"

#include <algorithm>

#include "memory.h"
#include "wide/conv2d_depthwise.h"

namespace ek {
namespace {
constexpr int64_t kLeastChannels = 16;
constexpr int64_t kChunkFloats = 1 << 16, kMostChunks = 16;  // of gy, worth a thread; sums that are added at the end
}  // namespace

bool depthwise_takes(const ek_conv2d_shape& s, Conv2dPass pass) {
  return pass == Conv2dPass::grad_weight && isa() != Isa::scalar && s.groups == s.c && s.o == s.c && s.kh == 3 &&
         s.kw == 3 && s.c >= kLeastChannels;
}

// With AVX2 a block of channels is half a line of the cache, of which a first one then holds too few.
bool depthwise_wins(const ek_conv2d_shape& s, Conv2dPass) { return isa() == Isa::avx512 || s.c <= 64; }

void depthwise_grad_weight(const ek_conv2d_shape& s, const float* x, const float* gy, float* gw, float* gb) {
  const int64_t vector = EK_CALL_WIDE(vector_floats), most = vector == 16 && s.c >= 32 ? 2 : 1;
  DepthwisePlan p{s, conv2d_oh(s), conv2d_ow(s), most * vector, 0, false};
  p.far = (s.n * int64_t{s.h} * s.w + s.n * p.oh * p.ow) * s.c * int64_t{sizeof(float)} > cache_bytes() / 2;
  p.blocks = (s.c + p.block - 1) / p.block;
  const int64_t rows = s.n * p.oh, floats = p.blocks * kDepthwiseSums * p.block, line = int64_t{s.w} * s.c;
  const int64_t chunks = std::clamp<int64_t>(rows * p.ow * s.c / kChunkFloats, 1, std::min(rows, kMostChunks));
  const Scratch memory(chunks * floats + line);
  std::fill_n(memory.get(), chunks * floats + line, 0.0f);
  float *sums = memory, *zeros = sums + chunks * floats;
  parallel(chunks, 1, [&](int64_t i, int64_t) {
    EK_CALL_WIDE(depthwise_grad_weight, p, x, gy, zeros, cut(rows, chunks, i), cut(rows, chunks, i + 1),
                 sums + i * floats);
  });
  EK_CALL(add_parts, chunks, sums, floats, sums, floats);
  for (int64_t b = 0; b < p.blocks; ++b, sums += kDepthwiseSums * p.block)
    for (int64_t lane = 0; lane < p.block; ++lane) {
      const int64_t c = p.start(b) + lane;
      if (gb) gb[c] = sums[lane];
      for (int64_t tap = 0; tap < 9; ++tap) gw[c * 9 + tap] = sums[(tap + 1) * p.block + lane];
    }
}
}  // namespace ek
#endif
