// Depthwise convolution: which shapes it takes, and the work cut into rows of outputs.
#ifdef EK_BASE
#include "conv2d_depthwise.h"

#include <algorithm>

#include "conv2d_whole.h"
#include "memory.h"
#include "packed_weights.h"
#include "wide/conv2d_depthwise.h"

namespace ek {
namespace {
constexpr int64_t kLeastChannels = 16;
constexpr int64_t kChunkFloats = 1 << 16, kMostChunks = 16;  // of gy, worth a thread; sums that are added at the end
constexpr int64_t kPieceFloats = 1 << 15;                    // of y, worth a thread

DepthwisePlan plan_of(const ek_conv2d_shape& s) {
  const int64_t vector = EK_CALL_WIDE(vector_floats), most = vector == 16 && s.c >= 32 ? 2 : 1;
  DepthwisePlan p{s, conv2d_oh(s), conv2d_ow(s), most * vector, 0, false, false};
  p.blocks = (s.c + p.block - 1) / p.block;
  return p;
}

// The taps (9, c), in the order in which they are met or from the last to the first.
class Weights : public PackedWeights {
 public:
  Weights(const ek_conv2d_shape& s, const float* w, int64_t stamp, bool flipped)
      : PackedWeights({flipped ? kDepthwiseFlipped : kDepthwise, s.c}, stamp, w, 9 * s.c, [&](float* u) {
          EK_CALL(transpose_each, 1, s.c, 9, w, u);
          for (int64_t t = 0; flipped && t < 4; ++t)
            std::swap_ranges(u + t * s.c, u + (t + 1) * s.c, u + (8 - t) * s.c);
        }) {}
};

// Bytes of x and y, or of x and gy
int64_t bytes(const DepthwisePlan& p) {
  return p.s.n * (int64_t{p.s.h} * p.s.w + p.oh * p.ow) * p.s.c * int64_t{sizeof(float)};
}

void run(DepthwisePlan p, const float* x, const float* taps, const float* b, float ceiling, float* y) {
  const int64_t c = p.s.c, line = p.s.w * c;
  p.stream = EK_CALL_WIDE(vector_floats) == kLineFloats && bytes(p) > kept_bytes() && at_lines(y, c);
  const Scratch zeros(line);
  std::fill_n(zeros.get(), line, 0.0f);
  const float* bias = b ? b : zeros.get();
  const int64_t rows = p.s.n * p.oh;
  const int64_t pieces = std::clamp<int64_t>(rows * p.ow * c / kPieceFloats, 1, std::min<int64_t>(rows, threads()));
  parallel(pieces, 1, [&](int64_t i, int64_t) {
    EK_CALL_WIDE(depthwise_forward, p, x, taps, bias, zeros, cut(rows, pieces, i), cut(rows, pieces, i + 1), ceiling,
                 y);
  });
}
}  // namespace

bool depthwise_takes(const ek_conv2d_shape& s, Conv2dPass pass) {
  return isa() != Isa::scalar && s.groups == s.c && s.o == s.c && s.kh == 3 && s.kw == 3 && s.c >= kLeastChannels &&
         (pass != Conv2dPass::grad_input || (s.stride_h == 1 && s.stride_w == 1));
}

// With AVX2 a block of channels is half a line of the cache, of which a first one holds too few for weight gradients.
bool depthwise_wins(const ek_conv2d_shape& s, Conv2dPass pass) {
  return isa() == Isa::avx512 || pass == Conv2dPass::forward || (pass == Conv2dPass::grad_weight && s.c <= 64);
}

void depthwise_conv2d(const ek_conv2d_shape& s, const float* x, const float* w, int64_t w_stamp, const float* b,
                      float ceiling, float* y) {
  run(plan_of(s), x, Weights(s, w, w_stamp, false), b, ceiling, y);
}

// A correlation of gy with the taps from the last to the first: padded by what the window reaches over the padding of
// x.
void depthwise_grad_input(const ek_conv2d_shape& s, const float* gy, const float* w, int64_t w_stamp, float* gx) {
  DepthwisePlan p = plan_of(s);
  ek_conv2d_shape& t = p.s;
  t.h = static_cast<int32_t>(p.oh), t.w = static_cast<int32_t>(p.ow);
  t.pad_top = 2 * s.dilation_h - s.pad_top, t.pad_left = 2 * s.dilation_w - s.pad_left;
  p.oh = s.h, p.ow = s.w;
  run(p, gy, Weights(s, w, w_stamp, true), nullptr, 0, gx);
}

void depthwise_grad_weight(const ek_conv2d_shape& s, const float* x, const float* gy, float* gw, float* gb) {
  DepthwisePlan p = plan_of(s);
  p.far = bytes(p) > cache_bytes() / 2;
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
