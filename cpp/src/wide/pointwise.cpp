// A block of pixels, whose channels in and out lie in the second cache, meets the panels of the weights one after the
// other; or, where all of them lie in the first cache, each few pixels do. Every sum begins with the bias and runs over
// all channels at once, and what goes to y is final.
#include "wide/pointwise.h"

#include "elementwise.h"
#include "ops/activation.h"
#include "wide/micro.h"
#include "wide/panel.h"

namespace ek::EK_ISA {
namespace {
constexpr int64_t kNear = 6 << 10, kFar = 64 << 10;  // floats that a first cache holds, and that a second one may
constexpr int64_t kFirst = 8 << 10;                  // and of a panel of four vectors
constexpr int64_t kBlock = 64 << 10;                 // floats of a block of x and y

// Lanes of the next panel of so many output channels: four vectors where such panels stay in the first cache.
int64_t width_of(int64_t c, int64_t left) { return smaller(panel_width(left), pointwise_panel(c)); }

template <int R, int V, class Next>
EK_INLINE void tile(const Pointwise& p, int64_t row, int64_t j, const float* u, Next ahead) {
  vf s[R][V];
#pragma GCC unroll 12
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) s[r][v] = load(p.bias + j + v * VF);
  micro_sums<R, V>(p.x + row * p.c, p.c, 1, u, p.c, s, ahead);
  float* y = p.y + row * p.y_row + j;
#pragma GCC unroll 12
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) {
      const vf z = activated(s[r][v], p.ceiling);
      float* to = y + r * p.y_row + v * VF;
      const int64_t lanes = p.o - j - v * VF;
      lanes >= VF ? store(to, z) : store_part(to, z, lanes);
    }
}

// The rows from..to-1 by one panel, R at a time; the last ones overlap those before. Each few ask for some of the next
// panel, where that may be far.
template <int R, int V>
void panel(const Pointwise& p, int64_t from, int64_t to, int64_t j, const float* u) {
  const auto all = [&](auto ahead) {
    for (int64_t i = from; i < to; i += R, ahead.at += p.c * ahead.step)
      tile<R, V>(p, smaller(i, p.rows - R), j, u, ahead);
  };
  if (p.c * p.o <= kFar)
    all(Ahead<0>());
  else
    asking_for<V>(u + p.c * V * VF, ceil_div(to - from, R), all);
}

template <int R>
void all(const Pointwise& p) {
  const int64_t step = p.c * p.o <= kNear ? R : larger(1, kBlock / ((p.c + p.o) * R)) * R;
  for (int64_t i = 0; i < p.rows; i += step) {
    const int64_t to = smaller(i + step, p.rows);
    const float* u = p.u;
    int64_t width = 0;
    for (int64_t j = 0; j < p.o; j += width, u += p.c * width) {
      width = width_of(p.c, p.o - j);
      for_width(width, [&](auto vectors) {
        constexpr int V = vectors;
        panel<(V > 2 && R > 1 ? R / 2 : R), V>(p, i, to, j, u);
      });
    }
  }
}

// As many rows at a time as leave the fewest over, of R, some fewer, and so on.
template <int R>
void some(int64_t wanted, const Pointwise& p) {
  constexpr int kFewer = R > kRows / 3 ? R - kRows / 6 : R / 2;
  if constexpr (kFewer > 0)
    if (wanted <= kFewer || p.rows < R) return some<kFewer>(wanted, p);
  all<R>(p);
}
}  // namespace

int64_t pointwise_panel(int64_t c) { return (c * kVectors * VF <= kFirst ? kVectors : 2) * VF; }

void pointwise_pack(const float* w, int64_t row, int64_t step, int64_t c, int64_t o, int64_t j, float* u) {
  const int64_t end = smaller(o, j + pointwise_panel(c));
  for (int64_t width = 0; j < end; j += width) {
    width = width_of(c, o - j);
    pack_b(w + j * step, row, step, c, smaller(width, o - j), width, u + j * c);
  }
}

void pointwise(const Pointwise& p) { some<kRows>(ceil_div(p.rows, ceil_div(p.rows, kRows)), p); }
}  // namespace ek::EK_ISA
