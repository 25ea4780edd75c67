// A block of pixels, whose channels in and out lie in the second cache, meets the panels of the weights one after the
// other, of many channels in parts that the first cache holds; or, where all weights lie there, each few pixels do.
// Every sum begins with the bias and runs over the channels in order, and what goes to y is final.
#include "wide/pointwise.h"

#include "elementwise.h"
#include "ops/activation.h"
#include "wide/micro.h"
#include "wide/panel.h"

namespace ek::EK_ISA {
namespace {
constexpr int64_t kNear = 6 << 10, kFar = 64 << 10;  // floats that a first cache holds, and that a second one may
constexpr int64_t kPanel = 8 << 10;                  // and of a part of a panel
constexpr int64_t kBlock = 64 << 10;                 // floats of a block of x and y
constexpr int64_t kSums = 8 << 10;                   // of the sums of a block, while parts are left
constexpr int64_t kLeastRows = 48;                   // of a block of many channels

// Channels of a panel from k on, and whether they are the first or the last ones.
struct Part {
  int64_t k, n;
  bool first, last;
};

// R pixels from `row` on by a part of the panel of output channels from j on; sums (R, V) are those of parts before.
template <int R, int V, class Next>
EK_INLINE void tile(const Pointwise& p, const Part& part, int64_t row, int64_t j, const float* u, float* sums,
                    Next ahead) {
  constexpr int64_t width = V * VF;
  const float* from = part.first ? p.bias + j : sums;
  const int64_t from_row = part.first ? 0 : width;
  vf s[R][V];
#pragma GCC unroll 12
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) s[r][v] = load(from + r * from_row + v * VF);
  micro_sums<R, V>(p.x + row * p.c + part.k, p.c, 1, u + part.k * width, part.n, s, ahead);
  float* y = p.y + row * p.y_row + j;
#pragma GCC unroll 12
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) {
      if (!part.last) {
        store(sums + r * width + v * VF, s[r][v]);
        continue;
      }
      const vf z = activated(s[r][v], p.ceiling);
      float* to = y + r * p.y_row + v * VF;
      const int64_t lanes = p.o - j - v * VF;
      lanes >= VF ? store(to, z) : store_part(to, z, lanes);
    }
}

// The rows from..to-1 by one panel, R at a time; the last ones overlap those before. Each few ask for some of what is
// met next, where that may be far.
template <int R, int V>
void panel(const Pointwise& p, int64_t from, int64_t to, int64_t j, const float* u) {
  alignas(64) float sums[kSums];
  const int64_t parts = ceil_div(p.c * V * VF, kPanel);
  for (int64_t i = 0; i < parts; ++i) {
    const int64_t k = cut(p.c, parts, i), end = cut(p.c, parts, i + 1);
    const Part part{k, end - k, i == 0, i + 1 == parts};
    const auto all = [&](auto ahead) {
      float* s = sums;
      for (int64_t row = from; row < to; row += R, s += R * V * VF, ahead.at += part.n * ahead.step)
        tile<R, V>(p, part, smaller(row, p.rows - R), j, u, s, ahead);
    };
    if (p.c * p.o <= kFar)
      all(Ahead<0>());
    else
      asking_for<V>(u + end * V * VF, ceil_div(to - from, R), all);
  }
}

template <int R>
void all(const Pointwise& p) {
  const int64_t fit = smaller(larger(kBlock / (p.c + p.o), kLeastRows), kSums / pointwise_panel());
  const int64_t step = p.c * p.o <= kNear ? R : larger(fit / R, 1) * R;
  for (int64_t i = 0; i < p.rows; i += step)
    for_blocks(0, ceil_div(p.o, VF) * VF, [&](int64_t j, auto vectors) {
      constexpr int V = vectors;
      panel<(V > 2 && R > 1 ? R / 2 : R), V>(p, i, smaller(i + step, p.rows), j, p.u + j * p.c);
    });
}

// As many rows at a time as leave the fewest over, of R, some fewer, and so on.
template <int R>
void some(int64_t wanted, const Pointwise& p) {
  constexpr int kFewer = R > kRows / 3 ? R - kRows / 6 : R / 2;
  if constexpr (kFewer > 0)
    if (wanted <= kFewer || p.rows < R) return some<kFewer>(wanted, p);
  all<R>(p);
}

// w[j step + l taps + tap] to u (tap, l, j) in rows of `width`.
void pack_windows(const float* w, int64_t taps, int64_t step, int64_t c, int64_t lanes, int64_t width, float* u) {
  enum { kSome = 64 };
  float some[kSome * kVectors * VF];
  for (int64_t from = 0; from < taps * c; from += kSome) {
    const int64_t n = smaller(kSome, taps * c - from);
    pack_b(w + from, 1, step, n, lanes, width, some);
    for (int64_t i = 0; i < n; ++i) {
      const int64_t l = (from + i) / taps, tap = (from + i) % taps;
      memcpy(u + (tap * c + l) * width, some + i * width, width * sizeof(float));
    }
  }
}
}  // namespace

int64_t pointwise_panel() { return kVectors * VF; }

void pointwise_pack(const float* w, int64_t taps, int64_t row, int64_t step, int64_t c, int64_t o, int64_t j,
                    float* u) {
  for_blocks(j, smaller(ceil_div(o, VF) * VF, j + pointwise_panel()), [&](int64_t b, auto vectors) {
    const int64_t width = vectors * VF, lanes = smaller(width, o - b);
    if (taps == 1) return pack_b(w + b * step, row, step, c, lanes, width, u + b * c);
    pack_windows(w + b * step, taps, step, c, lanes, width, u + b * taps * c);
  });
}

void pointwise(const Pointwise& p) { some<kRows>(ceil_div(p.rows, ceil_div(p.rows, kRows)), p); }
}  // namespace ek::EK_ISA
