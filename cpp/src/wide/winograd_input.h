// Where the tiles of a Winograd convolution lie, and the kernels for their sizes.
#pragma once
#include "elementwise.h"
#include "wide/micro.h"
#include "wide/winograd.h"
#include "wide/winograd_tile.h"

namespace ek::EK_ISA {
enum { kBlock = kVectors * VF };  // output channels of a block of U and Y, the largest
enum { kWeights = 16 };           // input channels whose weights are transformed at a time

// Weights of r x r; where r is even, of the phases of (2 r - 1) x (2 r - 1), that of odd rows or columns one tap short:
// their taps on a side, and which of them lies at row i and column j of what is transformed, or -1 where there is none.
template <int R>
struct Taps2d {
  enum { kPhased = R % 2 == 0, kSide = kPhased ? 2 * R - 1 : R, kArea = kSide * kSide, kPhases = kPhased ? 4 : 1 };
  EK_INLINE int at(WinogradPhase f, int i, int j, bool flipped) {
    if (!kPhased) return flipped ? kArea - 1 - R * i - j : R * i + j;
    if ((f.dy && i == R - 1) || (f.dx && j == R - 1)) return -1;
    const auto on_side = [=](int64_t odd, int k) { return flipped ? kSide - 1 - 2 * k - odd : 2 * k + odd; };
    return kSide * on_side(f.dy, i) + on_side(f.dx, j);
  }
};

// The block that output channel o is in, and its channels: the last ones have fewer vectors, four, two or one.
struct Block {
  Block(const Winograd& p, int64_t o) : from(o / kBlock * kBlock), width(block_width(p.lanes - from)) {
    while (o >= from + width) from += width, width = block_width(p.lanes - from);
  }
  int64_t from, width;
};

struct Tile {
  int64_t image, y, x;  // of its first output
  int64_t high, wide;   // outputs
  int64_t near, far;    // its row of V, M and Y: at points in columns that all tiles have, and in the others
  int64_t row(const Winograd& p, int64_t j) const { return winograd_includes(p, p.narrow, j) ? near : far; }
};

static inline Tile tile_at(const Winograd& p, const WinogradPiece& piece, int64_t t) {
  const int64_t row = t / p.cols, y = row % p.rows * p.m, x = t % p.cols * p.m;
  const int64_t high = smaller(p.m, p.oh - y), wide = smaller(p.m, p.ow - x);
  const WinogradKinds k = winograd_kinds(p, t), &before = piece.before, &all = piece.all;
  const int64_t low = k.low - before.low;
  int64_t near, far = 0;
  if (high == p.m)
    near = far = wide == p.m ? k.whole - before.whole : all.whole + k.narrow - before.narrow;
  else if (wide == p.m)
    near = all.whole + all.narrow + low, far = all.whole + low;
  else
    near = all.whole + all.narrow + all.low + k.corner - before.corner;
  return {row / p.rows, y, x, high, wide, near, far};
}

// V of one tile, of all phases.
void transform_input(const Winograd& p, const float* x, const float* zeros, const Tile& t, float* v);

// The kernels of a template for (points, outputs high, outputs wide, r), and the one for a tile.
#define EK_TILE_2(kernel, P, h, r) kernel<P, h, 1, r>, kernel<P, h, 2, r>
#define EK_TILE_3(kernel, P, h, r) EK_TILE_2(kernel, P, h, r), kernel<P, h, 3, r>
#define EK_TILE_4(kernel, P, h, r) EK_TILE_3(kernel, P, h, r), kernel<P, h, 4, r>
#define EK_TILE_5(kernel, P, h, r) EK_TILE_4(kernel, P, h, r), kernel<P, h, 5, r>
#define EK_TILES_2(row, kernel, P, r) \
  {row(kernel, P, 1, r)}, { row(kernel, P, 2, r) }
#define EK_TILES_3(row, kernel, P, r) \
  EK_TILES_2(row, kernel, P, r), { row(kernel, P, 3, r) }
#define EK_TILES_4(row, kernel, P, r) \
  EK_TILES_3(row, kernel, P, r), { row(kernel, P, 4, r) }
#define EK_TILES_5(row, kernel, P, r) \
  EK_TILES_4(row, kernel, P, r), { row(kernel, P, 5, r) }
#define EK_TILE_KERNELS(Kernel, kernel)                                                   \
  static constexpr Kernel of2[4][4] = {EK_TILES_4(EK_TILE_4, kernel, SixPoints, 2)};      \
  static constexpr Kernel of3[4][4] = {EK_TILES_4(EK_TILE_4, kernel, SixPoints, 3)};      \
  static constexpr Kernel of4[3][3] = {EK_TILES_3(EK_TILE_3, kernel, SixPoints, 4)};      \
  static constexpr Kernel of5[2][2] = {EK_TILES_2(EK_TILE_2, kernel, SixPoints, 5)};      \
  static constexpr Kernel seven3[5][5] = {EK_TILES_5(EK_TILE_5, kernel, SevenPoints, 3)}; \
  static constexpr Kernel seven5[3][3] = {EK_TILES_3(EK_TILE_3, kernel, SevenPoints, 5)};
#define EK_TILE_KERNEL(p, t)                                                                                         \
  ((p).side == kSevenPoints ? ((p).r == 5 ? seven5[(t).high - 1][(t).wide - 1] : seven3[(t).high - 1][(t).wide - 1]) \
   : (p).r == 5             ? of5[(t).high - 1][(t).wide - 1]                                                        \
   : (p).r == 4             ? of4[(t).high - 1][(t).wide - 1]                                                        \
   : (p).r == 3             ? of3[(t).high - 1][(t).wide - 1]                                                        \
                            : of2[(t).high - 1][(t).wide - 1])

// The instance of a template for (points, r, side).
#define EK_WINOGRAD(p, name)                                                                   \
  ((p).side == kSevenPoints ? ((p).r == 5 ? name<SevenPoints, 5, 7> : name<SevenPoints, 3, 7>) \
   : (p).r == 5             ? name<SixPoints, 5, 6>                                            \
   : (p).r == 4             ? name<SixPoints, 4, 6>                                            \
   : (p).r == 2             ? name<SixPoints, 2, 5>                                            \
   : (p).side == 6          ? name<SixPoints, 3, 6>                                            \
                            : name<SixPoints, 3, 4>)
}  // namespace ek::EK_ISA
