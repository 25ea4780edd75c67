// Convolution of few input channels: which shapes it takes and where it wins, and the work cut into units by shape.
#ifdef EK_BASE
#include "conv2d_few.h"

#include <algorithm>

#include "conv2d_winograd.h"

namespace ek {
namespace {
constexpr int32_t kMostChannels = 32, kMostRun = 32;  // the latter fills kFewVectors of AVX2

// A vector of AVX-512 would stay half empty.
bool narrow(const ek_conv2d_shape& s) { return s.o <= 8; }
#define EK_FEW(s, name) (narrow(s) ? avx2::name : EK_WIDEST(name))

// Pooled outputs are in whole windows, and as many rows of them in a unit.
FewPlan few_plan(const ek_conv2d_shape& s, int64_t most_chunks, bool pooled, bool points) {
  FewPlan p{};
  const int64_t side = pooled ? 2 : 1;
  p.s = s;
  p.oh = conv2d_oh(s) / side * side;
  p.ow = conv2d_ow(s) / side * side;
  p.band = std::clamp<int64_t>(1024 / p.ow / side * side, side, p.oh);
  p.bands = (p.oh + p.band - 1) / p.band;
  p.rows = (p.band - 1) * s.stride_h + (s.kh - 1) * int64_t{s.dilation_h} + 1;
  p.row = ((p.ow - 1) * s.stride_w + (s.kw - 1) * int64_t{s.dilation_w} + 1) * s.c;
  p.taps = int64_t{s.kh} * s.kw * s.c;
  p.tap_rows = p.taps / kTapStep * kTapStep + kTapStep;
  p.run = s.dilation_w == 1 ? s.kw * s.c : s.c;
  p.runs = s.kw * s.c / p.run;
  const int64_t vector = narrow(s) ? 8 : EK_CALL_WIDE(vector_floats);
  p.block = s.o <= vector || points ? vector : 2 * vector;
  p.blocks = (s.o + p.block - 1) / p.block;
  p.chunks =
      std::clamp<int64_t>(static_cast<int64_t>(conv2d_flops(s) / kChunkFlops), 1, std::min(most_chunks, s.n * p.bands));
  if (points) p.tile = kRowPoints + 1 - s.kw;
  const int64_t room = points ? few_points_room(p) : pooled ? few_windows_room(p) : 0;
  p.chunk_floats = (p.rows * p.row + room + 15) / 16 * 16;
  return p;
}

FewPlan of_images(FewPlan p, int64_t n) {
  p.s.n = static_cast<int32_t>(n);
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

// Units of two input channels with AVX-512.
FewInput few_input(const ek_conv2d_shape& s, bool points) {
  FewInput p{};
  p.s = s;
  p.oh = conv2d_oh(s), p.ow = conv2d_ow(s);
  const int64_t vector = EK_CALL_WIDE(vector_floats), run = int64_t{s.kw} * s.c;
  p.vectors = (run + vector - 1) / vector;
  p.rows = std::max<int64_t>((p.oh - 1) * s.stride_h + (s.kh - 1) * int64_t{s.dilation_h} + 1, s.pad_top + s.h);
  const int64_t columns = std::max<int64_t>((p.ow - 1) * s.stride_w + s.kw, s.pad_left + s.w);
  p.row = (columns * s.c + vector + 15) / 16 * 16;
  p.chunks = std::clamp<int64_t>(static_cast<int64_t>(conv2d_flops(s) / kChunkFlops), 1, std::min<int64_t>(64, s.n));
  if (!points) return p;
  p.tile = kRowPoints + 1 - s.kw, p.tiles = (p.ow + p.tile - 1) / p.tile;
  p.units = (s.c * kRowPoints + vector - 1) / vector;
  const int64_t most = EK_CALL_WIDE(few_points_most) / p.units, groups = (s.kh + most - 1) / most;
  p.group = (s.kh + groups - 1) / groups;
  return p;
}
}  // namespace

bool few_takes(const ek_conv2d_shape& s, Conv2dPass pass) {
  if (s.groups != 1 || isa() == Isa::scalar) return false;
  return pass == Conv2dPass::grad_input ? s.kw * s.c <= kMostRun && s.dilation_w == 1 : s.c <= kMostChannels;
}

// Against oneDNN and Winograd: docs/decisions/0005.
bool few_wins(const ek_conv2d_shape& s, Conv2dPass pass) {
  const bool wide = isa() == Isa::avx512, forward = pass == Conv2dPass::forward;
  const bool many = int64_t{s.c} * s.o >= (wide ? 320 : 192);  // pairs that pay for the tiles of a forward
  if ((!forward || many) && winograd_takes(4, s) && winograd_wins(4, s, pass)) return false;
  if (forward) return s.c <= 7 && !(wide && (s.c == 2 || s.c == 3));
  const bool square = s.kh == 3 && s.kw == 3 && s.stride_h == 1 && s.stride_w == 1;  // Winograd's
  if (pass == Conv2dPass::grad_weight) return s.c <= (wide ? 1 : square ? 7 : 15);
  return s.kh * s.kw > 9 || (s.kh > 1 && s.kw > 1 && !(square && s.c > 7));
}

FewForward::FewForward(const ek_conv2d_shape& s, const float* w, const float* b, float ceiling, int64_t most_chunks,
                       bool points, bool pooled)
    : plan_(few_plan(s, most_chunks, pooled, points)), packed_(plan_.blocks * plan_.block * (rows() + 1)) {
  const FewPlan& p = plan_;
  const int64_t lanes = p.blocks * p.block, area = int64_t{s.kh} * s.kw;
  float *packed = packed_, *bias = packed + lanes * rows();
  plan_.ceiling = ceiling;
  std::fill_n(packed, lanes * (rows() + 1), 0.0f);
  if (points)
    few_pack_points(p, w, packed);
  else
    for_weights(p, [&](int64_t k, int64_t tap, int64_t lane, int64_t o, int64_t ij, int64_t c) {
      packed[(k * p.taps + tap) * p.block + lane] = w[(o * s.c + c) * area + ij];
    });
  for (int64_t i = 0; b && i < lanes; ++i)
    if (i % p.block < s.o) bias[i] = b[few_start(p, i / p.block) + i % p.block];
}

void FewForward::run(int64_t images, const float* x, float* y, float* scratch) const {
  const FewPlan p = of_images(plan_, images);
  const auto kernel = p.tile ? EK_FEW(p.s, few_points) : EK_FEW(p.s, few_forward);
  kernel(p, x, packed_, bias(), y, scratch);
}

void FewForward::run_pooled(int64_t images, const float* x, float* y, uint8_t* position, float* scratch) const {
  const FewPlan p = of_images(plan_, images);
  const auto kernel = p.tile ? EK_FEW(p.s, few_points_max_pool) : EK_FEW(p.s, few_max_pool);
  kernel(p, x, packed_, bias(), y, position, scratch);
}

void few_conv2d(const ek_conv2d_shape& s, const float* x, const float* w, const float* b, float ceiling, bool points,
                float* y) {
  const FewForward forward(s, w, b, ceiling, 64, points);
  const Scratch inputs(forward.scratch());
  forward.run(s.n, x, y, inputs);
}

namespace {
void points_grad_input(const ek_conv2d_shape& s, const float* gy, const float* w, float* gx) {
  const FewInput p = few_input(s, true);
  const int64_t lanes = p.units * EK_CALL_WIDE(vector_floats);
  const Scratch memory(s.kh * s.o * lanes + p.chunks * few_points_floats(p));
  float* packed = memory;
  std::fill_n(packed, s.kh * s.o * lanes, 0.0f);
  for (int64_t i = 0; i < s.kh; ++i) {
    const int64_t first = i / p.group * p.group, rows = std::min(p.group, s.kh - first);
    for (int64_t o = 0; o < s.o; ++o)
      for (int64_t c = 0; c < s.c; ++c) {
        double u[kRowPoints];
        RowPoints::of_weights(w + ((o * s.c + c) * s.kh + i) * s.kw, s.kw, u);
        std::copy_n(u, kRowPoints, packed + (first * s.o + o * rows + i - first) * lanes + c * kRowPoints);
      }
  }
  EK_CALL_WIDE(few_points_grad_input, p, gy, packed, gx, packed + s.kh * s.o * lanes);
}
}  // namespace

void few_grad_input(const ek_conv2d_shape& s, const float* gy, const float* w, bool points, float* gx) {
  if (points) return points_grad_input(s, gy, w, gx);
  const FewInput p = few_input(s, false);
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

FewGradWeight::FewGradWeight(const ek_conv2d_shape& s, int64_t most_chunks, bool points, bool pooled)
    : plan_(few_plan(s, most_chunks, pooled, points)) {}

void FewGradWeight::add(int64_t images, const float* x, const float* gy, float* sums, float* scratch) const {
  const FewPlan p = of_images(plan_, images);
  (p.tile ? EK_FEW(p.s, few_points_grad) : EK_FEW(p.s, few_grad_weight))(p, x, gy, sums, scratch);
}

void FewGradWeight::add_pooled(int64_t images, const float* x, const float* gy, const uint8_t* position, float* sums,
                               float* scratch) const {
  const FewPlan p = of_images(plan_, images);
  EK_FEW(p.s, few_max_pool_grad)(p, x, gy, position, sums, scratch);
}

void FewGradWeight::finish(int64_t count, float* sums, float* gw, float* gb) const {
  const FewPlan& p = plan_;
  const int64_t block = p.tap_rows * p.block, area = int64_t{p.s.kh} * p.s.kw, channels = p.s.c;
  EK_CALL(add_parts, count, sums, floats(), sums, floats());
  if (p.tile) return few_unpack_points(p, sums, gw, gb);
  for_weights(p, [=](int64_t k, int64_t tap, int64_t lane, int64_t o, int64_t ij, int64_t c) {
    gw[(o * channels + c) * area + ij] = sums[k * block + (tap + 1) * p.block + lane];
  });
  for (int64_t k = 0; gb && k < p.blocks; ++k)
    std::copy_n(sums + k * block, std::min<int64_t>(p.block, p.s.o), gb + few_start(p, k));
}

void few_grad_weight(const ek_conv2d_shape& s, const float* x, const float* gy, bool points, float* gw, float* gb) {
  const FewGradWeight gradient(s, 16, points);
  const int64_t floats = gradient.chunks() * gradient.floats();
  const Scratch memory(floats + gradient.scratch());
  std::fill_n(memory.get(), floats, 0.0f);
  gradient.add(s.n, x, gy, memory, memory + floats);
  gradient.finish(gradient.chunks(), memory, gw, gb);
}
}  // namespace ek
#endif
