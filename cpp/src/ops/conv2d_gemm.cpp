// Convolution as matrix products of windows by channels. Windows of 1x1 are pixels as they lie; where a stride leaves
// some out, or windows are larger, they are copied one behind the other, some at a time. The weights of larger products
// are packed, once while they do not change.
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
constexpr int64_t kFewWindows = 256;   // where weights weigh more than what oneDNN saves by copying no windows
constexpr int64_t kLeastRows = 6, kPieceRows = 12;
constexpr int64_t kRowsFloats = 1 << 15;  // copied at a time by a thread
constexpr int64_t kCopies = 1 << 20;      // floats of the copies that a product is made of

int64_t pixels(const ek_conv2d_shape& s) { return s.n * conv2d_oh(s) * conv2d_ow(s); }
bool strided(const ek_conv2d_shape& s) { return s.stride_h > 1 || s.stride_w > 1; }

int64_t area(const ek_conv2d_shape& s) { return int64_t{s.kh} * s.kw; }
bool of_pixels(const ek_conv2d_shape& s) {
  return area(s) == 1 && !(s.pad_top | s.pad_left | s.pad_bottom | s.pad_right);
}
bool as_they_lie(const ek_conv2d_shape& s) { return of_pixels(s) && !strided(s); }

// The windows from..to-1 of x, (kh, kw, c) each.
void copy_windows(const ek_conv2d_shape& s, const float* x, int64_t from, int64_t to, float* windows) {
  const int64_t oh = conv2d_oh(s), ow = conv2d_ow(s), c = s.c, line = s.kw * c;
  parallel(to - from, std::max<int64_t>(1, kRowsFloats / (s.kh * line)), [=, &s](int64_t begin, int64_t end) {
    for (int64_t i = begin * s.kh; i < end * s.kh; ++i) {
      const int64_t window = from + i / s.kh, row = window / ow, left = window % ow * s.stride_w - s.pad_left;
      const int64_t h = row % oh * s.stride_h + i % s.kh * s.dilation_h - s.pad_top;
      float* taps = windows + i * line;
      if (h < 0 || h >= s.h) {
        std::fill_n(taps, line, 0.0f);
        continue;
      }
      const float* in = x + (row / oh * s.h + h) * s.w * c;
      if (s.dilation_w == 1 && left >= 0 && left + s.kw <= s.w) {
        std::copy_n(in + left * c, line, taps);
        continue;
      }
      for (int64_t j = 0; j < s.kw; ++j) {
        const int64_t w = left + j * s.dilation_w;
        w >= 0 && w < s.w ? std::copy_n(in + w * c, c, taps + j * c) : std::fill_n(taps + j * c, c, 0.0f);
      }
    }
  });
}

// The windows of x where they lie, or copies of so many at once.
class Windows {
 public:
  Windows(const ek_conv2d_shape& s, const float* x, int64_t most)
      : s_(s), x_(x), copies_(as_they_lie(s) ? 0 : most * area(s) * s.c) {}
  // Those from..to-1, copies until the next call.
  const float* rows(int64_t from, int64_t to) const {
    if (as_they_lie(s_)) return x_ + from * s_.c;
    copy_windows(s_, x_, from, to, copies_);
    return copies_;
  }

 private:
  const ek_conv2d_shape& s_;
  const float* x_;
  Scratch copies_;
};

bool packs(const ek_conv2d_shape& s) {
  return isa() != Isa::scalar && conv2d_flops(s) >= kSmallFlops && pixels(s) >= kLeastRows;
}

// As for other products, vectors of half the width where they cost nothing: docs/decisions/0011.
bool narrow() { return isa() == Isa::avx2 || avx512_in_halves(); }
int64_t vector() { return narrow() ? 8 : 16; }
int64_t panel_lanes() { return narrow() ? avx2::pointwise_panel() : avx512::pointwise_panel(); }
int64_t lanes_of(int64_t o) { return (o + vector() - 1) / vector() * vector(); }

// Panels of w[l row + j step + tap], c x o for each tap.
class Panels : public PackedWeights {
 public:
  Panels(Packer packer, int64_t stamp, const float* w, int64_t taps, int64_t row, int64_t step, int64_t c, int64_t o)
      : PackedWeights(packer, stamp, w, lanes_of(o) * taps * c, [&](float* u) {
          const int64_t panel = panel_lanes();
          const auto pack = narrow() ? avx2::pointwise_pack : avx512::pointwise_pack;
          parallel((o + panel - 1) / panel, 1,
                   [&](int64_t i, int64_t) { pack(w, taps, row, step, c, o, i * panel, u); });
        }) {}
};

// y (rows, o) = x (rows, c) u + b, rectified. Sums do not depend on how y is cut.
void multiply(int64_t rows, int64_t c, int64_t o, const float* x, const float* u, const float* b, float ceiling,
              float* y) {
  const int64_t panel = panel_lanes(), panels = (o + panel - 1) / panel, lanes = lanes_of(o);
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

bool gemm_takes(const ek_conv2d_shape& s, Conv2dPass) { return of_pixels(s) && s.groups == 1; }

bool gemm_wins(const ek_conv2d_shape& s, Conv2dPass pass) {
  if (conv2d_flops(s) < kSmallFlops) return s.c > 7;
  if (!packs(s)) return false;
  if (pass == Conv2dPass::grad_input) return strided(s);
  return pass == Conv2dPass::forward ||
         (std::min(s.c, s.o) >= 64 && pixels(s) <= std::max(kFewPixels, int64_t{4} * s.c));
}

bool im2col_takes(const ek_conv2d_shape& s, Conv2dPass pass) {
  return pass == Conv2dPass::forward && !of_pixels(s) && s.groups == 1 && packs(s);
}

bool im2col_wins(const ek_conv2d_shape& s, Conv2dPass) { return s.c >= 16 && pixels(s) <= kFewWindows; }

void gemm_conv2d(const ek_conv2d_shape& s, const float* x, const float* w, int64_t w_stamp, const float* b,
                 float ceiling, float* y) {
  const int64_t all = pixels(s), taps = area(s), depth = taps * s.c;
  const int64_t some = as_they_lie(s) ? all : std::clamp<int64_t>(kCopies / depth, 1, all);
  const Windows windows(s, x, some);
  const auto for_rows = [&](const auto& product) {
    for (int64_t from = 0; from < all; from += some) {
      const int64_t to = std::min(from + some, all);
      product(to - from, windows.rows(from, to), y + from * s.o);
    }
  };
  if (packs(s)) {
    const Panels u({taps == 1 ? kPointwise : kWindowed, s.o, s.c}, w_stamp, w, taps, taps, depth, s.c, s.o);
    return for_rows(
        [&](int64_t n, const float* rows, float* out) { multiply(n, depth, s.o, rows, u, b, ceiling, out); });
  }
  for_rows([&](int64_t n, const float* rows, float* out) { linear(n, s.o, depth, rows, w, b, out); });
  if (ceiling > 0) EK_CALL(rectify, y, ceiling, y, all * s.o);
}

void gemm_grad_input(const ek_conv2d_shape& s, const float* gy, const float* w, int64_t w_stamp, float* gx) {
  const int64_t rows = pixels(s), c = s.c;
  const Scratch dense(strided(s) ? rows * c : 0);
  float* to = strided(s) ? dense.get() : gx;
  if (packs(s))
    multiply(rows, s.o, c, gy, Panels({kPointwiseBack, s.o, c}, w_stamp, w, 1, c, 1, s.o, c), nullptr, 0, to);
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
  const int64_t all = pixels(s);
  const Windows windows(s, x, all);
  matmul(s.o, s.c, all, true, false, gy, windows.rows(0, all), gw);
}
}  // namespace ek
#endif
