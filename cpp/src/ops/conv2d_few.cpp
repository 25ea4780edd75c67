// Convolution of few input channels: which shapes it takes and where it wins, and the work cut into units by shape.
#ifdef EK_BASE
#include "conv2d_few.h"

#include <algorithm>

#include "memory.h"
#include "wide/conv2d_few.h"

namespace ek {
namespace {
constexpr double kChunkFlops = 2e6;                   // a piece worth a thread: 25 us
constexpr int32_t kMostChannels = 32, kMostRun = 32;  // the latter fills kFewVectors of AVX2

// A vector of AVX-512 would stay half empty.
bool narrow(const ek_conv2d_shape& s) { return s.o <= 8; }

FewPlan few_plan(const ek_conv2d_shape& s, int64_t most_chunks) {
  FewPlan p{};
  p.s = s;
  p.oh = conv2d_oh(s);
  p.ow = conv2d_ow(s);
  p.band = std::clamp<int64_t>(1024 / p.ow, 1, p.oh);
  p.bands = (p.oh + p.band - 1) / p.band;
  p.rows = (p.band - 1) * s.stride_h + (s.kh - 1) * int64_t{s.dilation_h} + 1;
  p.row = ((p.ow - 1) * s.stride_w + (s.kw - 1) * int64_t{s.dilation_w} + 1) * s.c;
  p.taps = int64_t{s.kh} * s.kw * s.c;
  p.tap_rows = (p.taps + kTapStep - 1) / kTapStep * kTapStep;
  p.run = s.dilation_w == 1 ? s.kw * s.c : s.c;
  p.runs = s.kw * s.c / p.run;
  const int64_t vector = narrow(s) ? 8 : EK_CALL_WIDE(vector_floats);
  p.block = s.o <= vector ? vector : 2 * vector;
  p.blocks = (s.o + p.block - 1) / p.block;
  p.chunks =
      std::clamp<int64_t>(static_cast<int64_t>(conv2d_flops(s) / kChunkFlops), 1, std::min(most_chunks, s.n * p.bands));
  p.chunk_floats = (p.rows * p.row + 15) / 16 * 16;
  return p;
}

// f(block, tap, lane, output channel, position in the kernel, input channel) for every weight.
template <class F>
void for_weights(const FewPlan& p, const F& f) {
  const ek_conv2d_shape& s = p.s;
  for (int64_t k = 0; k < p.blocks; ++k)
    for (int64_t tap = 0; tap < p.taps; ++tap)
      for (int64_t l = 0; l < std::min<int64_t>(p.block, s.o); ++l)
        f(k, tap, l, few_start(p, k) + l, tap / s.c, tap % s.c);
}

FewInput few_input(const ek_conv2d_shape& s) {
  FewInput p{};
  p.s = s;
  p.oh = conv2d_oh(s), p.ow = conv2d_ow(s);
  const int64_t vector = EK_CALL_WIDE(vector_floats), run = int64_t{s.kw} * s.c;
  p.vectors = (run + vector - 1) / vector;
  p.rows = std::max<int64_t>((p.oh - 1) * s.stride_h + (s.kh - 1) * int64_t{s.dilation_h} + 1, s.pad_top + s.h);
  const int64_t columns = std::max<int64_t>((p.ow - 1) * s.stride_w + s.kw, s.pad_left + s.w);
  p.row = (columns * s.c + vector + 15) / 16 * 16;
  p.chunks = std::clamp<int64_t>(static_cast<int64_t>(conv2d_flops(s) / kChunkFlops), 1, std::min<int64_t>(64, s.n));
  return p;
}
}  // namespace

bool few_takes(const ek_conv2d_shape& s, Conv2dPass pass) {
  if (s.groups != 1 || isa() == Isa::scalar) return false;
  return pass == Conv2dPass::grad_input ? s.kw * s.c <= kMostRun && s.dilation_w == 1 : s.c <= kMostChannels;
}

// Against oneDNN and Winograd: docs/decisions/0005.
bool few_wins(const ek_conv2d_shape& s, Conv2dPass pass) {
  const bool wide = isa() == Isa::avx512;
  if (pass == Conv2dPass::forward) return s.c <= 7 && !(wide && (s.c == 2 || s.c == 3));
  if (pass == Conv2dPass::grad_weight) return !wide && s.c <= 15;
  return s.kh * s.kw > 9;
}

void few_conv2d(const ek_conv2d_shape& s, const float* x, const float* w, const float* b, bool relu, float* y) {
  FewPlan p = few_plan(s, 64);
  p.relu = relu;
  const int64_t lanes = p.blocks * p.block, area = int64_t{s.kh} * s.kw;
  const Scratch memory(lanes * (p.taps + 1) + p.chunks * p.chunk_floats);
  float *packed = memory, *bias = packed + lanes * p.taps, *inputs = bias + lanes;
  std::fill_n(packed, lanes * (p.taps + 1), 0.0f);
  for_weights(p, [&](int64_t k, int64_t tap, int64_t lane, int64_t o, int64_t ij, int64_t c) {
    packed[(k * p.taps + tap) * p.block + lane] = w[(o * s.c + c) * area + ij];
  });
  for (int64_t i = 0; b && i < lanes; ++i)
    if (i % p.block < s.o) bias[i] = b[few_start(p, i / p.block) + i % p.block];
  (narrow(s) ? avx2::few_forward : EK_WIDEST(few_forward))(p, x, packed, bias, y, inputs);
}

void few_grad_input(const ek_conv2d_shape& s, const float* gy, const float* w, float* gx) {
  const FewInput p = few_input(s);
  const int64_t lanes = p.vectors * EK_CALL_WIDE(vector_floats);
  const Scratch memory(s.kh * s.o * lanes + p.chunks * p.rows * p.row);
  float* packed = memory;
  std::fill_n(packed, s.kh * s.o * lanes, 0.0f);
  for (int64_t o = 0; o < s.o; ++o)
    for (int64_t c = 0; c < s.c; ++c)
      for (int64_t i = 0; i < s.kh; ++i)
        for (int64_t j = 0; j < s.kw; ++j)
          packed[(i * s.o + o) * lanes + j * s.c + c] = w[((o * s.c + c) * s.kh + i) * s.kw + j];
  EK_CALL_WIDE(few_grad_input, p, gy, packed, gx, packed + s.kh * s.o * lanes);
}

void few_grad_weight(const ek_conv2d_shape& s, const float* x, const float* gy, float* gw) {
  const FewPlan p = few_plan(s, 16);
  const int64_t weights = p.blocks * p.block * p.tap_rows, area = int64_t{s.kh} * s.kw;
  const Scratch memory(p.chunks * (weights + p.chunk_floats));
  float* part = memory;
  (narrow(s) ? avx2::few_grad_weight : EK_WIDEST(few_grad_weight))(p, x, gy, part, part + p.chunks * weights);
  EK_CALL(add_parts, p.chunks, part, weights, part, weights);
  for_weights(p, [=](int64_t k, int64_t tap, int64_t lane, int64_t o, int64_t ij, int64_t c) {
    gw[(o * s.c + c) * area + ij] = part[(k * p.tap_rows + tap) * p.block + lane];
  });
}
}  // namespace ek
#endif
