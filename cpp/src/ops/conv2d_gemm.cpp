// Convolution of 1x1 windows: matrix products of pixels by channels, as they lie, or of copies of those that a stride
// meets. The weights of larger ones are packed, once while they do not change.
#ifdef EK_BASE
#include "conv2d_gemm.h"

#include <algorithm>

#include "activation.h"
#include "matmul.h"
#include "memory.h"
#include "packed_weights.h"
#include "wide/pointwise.h"

namespace ek {
namespace {
constexpr double kSmallFlops = 4e5;    // where what oneDNN, or packing, spends on a call counts: docs/decisions/0010
constexpr double kPieceFlops = 1.5e6;  // worth a thread
constexpr int64_t kFewPixels = 1024;   // sums of the weights' gradients, which oneDNN reads and writes for each piece
constexpr int64_t kLeastRows = 6, kPieceRows = 12;
constexpr int64_t kRowsFloats = 1 << 15;  // copied at a time

int64_t pixels(const ek_conv2d_shape& s) { return s.n * conv2d_oh(s) * conv2d_ow(s); }
bool strided(const ek_conv2d_shape& s) { return s.stride_h > 1 || s.stride_w > 1; }

// The pixels that outputs are made of.
class Pixels {
 public:
  Pixels(const ek_conv2d_shape& s, const float* x) : copy_(strided(s) ? pixels(s) * s.c : 0), x_(x) {
    if (!strided(s)) return;
    const int64_t oh = conv2d_oh(s), ow = conv2d_ow(s), c = s.c;
    float* to = copy_;
    x_ = to;
    parallel(s.n * oh, std::max<int64_t>(1, kRowsFloats / (ow * c)), [=, &s](int64_t begin, int64_t end) {
      for (int64_t k = begin; k < end; ++k) {
        const float* line = x + (k / oh * s.h + k % oh * s.stride_h) * s.w * c;
        for (int64_t i = 0; i < ow; ++i) std::copy_n(line + i * s.stride_w * c, c, to + (k * ow + i) * c);
      }
    });
  }
  operator const float*() const { return x_; }

 private:
  Scratch copy_;
  const float* x_;
};

bool packs(const ek_conv2d_shape& s) {
  return isa() != Isa::scalar && conv2d_flops(s) >= kSmallFlops && pixels(s) >= kLeastRows;
}

// As for other products, vectors of half the width where they cost nothing: docs/decisions/0011.
bool narrow() { return isa() == Isa::avx2 || avx512_in_halves(); }
int64_t vector() { return narrow() ? 8 : 16; }
int64_t panel_of(int64_t c) { return narrow() ? avx2::pointwise_panel(c) : avx512::pointwise_panel(c); }
int64_t lanes_of(int64_t o) { return (o + vector() - 1) / vector() * vector(); }

// Panels of w[l row + j step], c x o of it.
class Panels : public PackedWeights {
 public:
  Panels(Packer packer, int64_t stamp, const float* w, int64_t row, int64_t step, int64_t c, int64_t o)
      : PackedWeights(packer, stamp, w, lanes_of(o) * c, [&](float* u) {
          const int64_t panel = panel_of(c);
          const auto pack = narrow() ? avx2::pointwise_pack : avx512::pointwise_pack;
          parallel((o + panel - 1) / panel, 1, [&](int64_t i, int64_t) { pack(w, row, step, c, o, i * panel, u); });
        }) {}
};

// y (rows, o) = x (rows, c) u + b, rectified. Sums do not depend on how y is cut.
void multiply(int64_t rows, int64_t c, int64_t o, const float* x, const float* u, const float* b, float ceiling,
              float* y) {
  const int64_t panel = panel_of(c), panels = (o + panel - 1) / panel, lanes = lanes_of(o);
  const int64_t wanted = std::clamp<int64_t>(static_cast<int64_t>(2.0 * rows * c * o / kPieceFlops), 1, threads());
  const bool by_rows = rows > o || panels < 4 * wanted;
  const int64_t pieces = std::min(wanted, by_rows ? std::max<int64_t>(1, rows / kPieceRows) : panels);
  const Scratch bias(lanes);
  std::fill_n(bias.get(), lanes, 0.0f);
  if (b) std::copy_n(b, o, bias.get());
  parallel(pieces, 1, [&](int64_t i, int64_t) {
    Pointwise p{rows, c, o, x, u, bias, y, o, ceiling};
    if (by_rows) {
      const int64_t from = cut(rows, pieces, i);
      p.rows = cut(rows, pieces, i + 1) - from, p.x += from * c, p.y += from * o;
    } else {
      const int64_t from = panel * cut(panels, pieces, i);
      p.o = std::min(o, panel * cut(panels, pieces, i + 1)) - from;
      p.u += from * c, p.bias += from, p.y += from;
    }
    (narrow() ? avx2::pointwise : avx512::pointwise)(p);
  });
}
}  // namespace

bool gemm_takes(const ek_conv2d_shape& s, Conv2dPass) {
  return s.kh == 1 && s.kw == 1 && s.groups == 1 && !(s.pad_top | s.pad_left | s.pad_bottom | s.pad_right);
}

bool gemm_wins(const ek_conv2d_shape& s, Conv2dPass pass) {
  if (conv2d_flops(s) < kSmallFlops) return s.c > 7;
  if (!packs(s)) return false;
  if (pass == Conv2dPass::grad_input) return strided(s);
  return pass == Conv2dPass::forward ||
         (std::min(s.c, s.o) >= 64 && pixels(s) <= std::max(kFewPixels, int64_t{4} * s.c));
}

void gemm_conv2d(const ek_conv2d_shape& s, const float* x, const float* w, int64_t w_stamp, const float* b,
                 float ceiling, float* y) {
  const int64_t rows = pixels(s);
  const Pixels dense(s, x);
  if (packs(s))
    return multiply(rows, s.c, s.o, dense, Panels({kPointwise, s.o, s.c}, w_stamp, w, 1, s.c, s.c, s.o), b, ceiling, y);
  linear(rows, s.o, s.c, dense, w, b, y);
  if (ceiling > 0) EK_CALL(rectify, y, ceiling, y, rows * s.o);
}

void gemm_grad_input(const ek_conv2d_shape& s, const float* gy, const float* w, int64_t w_stamp, float* gx) {
  const int64_t rows = pixels(s), c = s.c;
  const Scratch dense(strided(s) ? rows * c : 0);
  float* to = strided(s) ? dense.get() : gx;
  if (packs(s))
    multiply(rows, s.o, c, gy, Panels({kPointwiseBack, s.o, c}, w_stamp, w, c, 1, s.o, c), nullptr, 0, to);
  else
    matmul(rows, c, s.o, false, false, gy, w, to);
  if (!strided(s)) return;
  const int64_t oh = conv2d_oh(s), ow = conv2d_ow(s), line = s.w * c;
  parallel(int64_t{s.n} * s.h, std::max<int64_t>(1, kRowsFloats / line), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      const int64_t h = r % s.h, from = (r / s.h * oh + h / s.stride_h) * ow * c;
      std::fill_n(gx + r * line, line, 0.0f);
      if (h % s.stride_h > 0) continue;
      for (int64_t i = 0; i < ow; ++i) std::copy_n(to + from + i * c, c, gx + r * line + i * s.stride_w * c);
    }
  });
}

void gemm_grad_weight(const ek_conv2d_shape& s, const float* x, const float* gy, float* gw) {
  matmul(s.o, s.c, pixels(s), true, false, gy, Pixels(s, x), gw);
}
}  // namespace ek
#endif
