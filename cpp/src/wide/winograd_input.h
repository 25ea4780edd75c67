// Where the tiles of a Winograd convolution lie, and their transform: V from x.
#pragma once
#include "elementwise.h"
#include "wide/winograd.h"
#include "wide/winograd_tile.h"

namespace ek::EK_ISA {
enum { kBlock = 2 * VF };  // output channels of a block of U and Y

struct Tile {
  int64_t image, y, x;  // of its first output
  int64_t high, wide;   // outputs
  int64_t near, far;    // its row of V, M and Y: at points in columns that all tiles have, and in the others
  int64_t row(const Winograd& p, int64_t j) const { return j < p.narrow ? near : far; }
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

// V of one tile of H x W points. Where it sticks out of the image its rows of channels are those of `zeros`.
template <int H, int W>
static void input_tile(const Winograd& p, const float* x, const float* zeros, const Tile& t, float* v) {
  typedef FromInput<H> Down;
  typedef FromInput<W> Across;
  const float* image = x + t.image * p.h * p.w * p.c;
  const int64_t y0 = t.y - p.top, x0 = t.x - p.left, full = p.c / VF * VF, rest = p.c - full;
  float* columns[W];
  for (int j = 0; j < W; ++j) columns[j] = v + j * p.v_step + t.row(p, j) * p.v_row;
  float* const* column = columns;
  const int64_t down = p.side * p.v_step;
  const auto to = [=](int64_t c) { return [=](int i, int j, vf q) EK_FLAT { store(column[j] + i * down + c, q); }; };
  if (H == W && y0 >= 0 && x0 >= 0 && y0 + H <= p.h && x0 + W <= p.w) {
    const float* from = image + (y0 * p.w + x0) * p.c;
    const int64_t row = p.w * p.c, col = p.c;
    for (int64_t c = 0; c < full; c += VF)
      both_ways<Down, Across>([=](int i, int j) EK_FLAT { return load(from + i * row + j * col + c); }, to(c));
    if (rest)
      both_ways<Down, Across>([=](int i, int j) EK_FLAT { return load_part(from + i * row + j * col + full, rest); },
                              to(full));
    return;
  }
  const float* at[H * W];
  for (int i = 0; i < H; ++i)
    for (int j = 0; j < W; ++j) {
      const int64_t h = y0 + i, w = x0 + j;
      at[i * W + j] = h >= 0 && w >= 0 && h < p.h && w < p.w ? image + (h * p.w + w) * p.c : zeros;
    }
  const float* const* from = at;
  for (int64_t c = 0; c < full; c += VF)
    both_ways<Down, Across>([=](int i, int j) EK_FLAT { return load(from[i * W + j] + c); }, to(c));
  if (rest)
    both_ways<Down, Across>([=](int i, int j) EK_FLAT { return load_part(from[i * W + j] + full, rest); }, to(full));
}

static void transform_input(const Winograd& p, const float* x, const float* zeros, const Tile& t, float* v) {
  typedef void (*Kernel)(const Winograd&, const float*, const float*, const Tile&, float*);
  static constexpr Kernel kernels[4][4] = {{input_tile<3, 3>, input_tile<3, 4>, input_tile<3, 5>, input_tile<3, 6>},
                                           {input_tile<4, 3>, input_tile<4, 4>, input_tile<4, 5>, input_tile<4, 6>},
                                           {input_tile<5, 3>, input_tile<5, 4>, input_tile<5, 5>, input_tile<5, 6>},
                                           {input_tile<6, 3>, input_tile<6, 4>, input_tile<6, 5>, input_tile<6, 6>}};
  kernels[t.high + p.r - 4][t.wide + p.r - 4](p, x, zeros, t, v);
}

// The kernels of a template for (outputs high, outputs wide, r), and the one for a tile.
#define EK_TILE_KERNELS(Kernel, kernel)                                                                       \
  static constexpr Kernel of3[4][4] = {{kernel<1, 1, 3>, kernel<1, 2, 3>, kernel<1, 3, 3>, kernel<1, 4, 3>},  \
                                       {kernel<2, 1, 3>, kernel<2, 2, 3>, kernel<2, 3, 3>, kernel<2, 4, 3>},  \
                                       {kernel<3, 1, 3>, kernel<3, 2, 3>, kernel<3, 3, 3>, kernel<3, 4, 3>},  \
                                       {kernel<4, 1, 3>, kernel<4, 2, 3>, kernel<4, 3, 3>, kernel<4, 4, 3>}}; \
  static constexpr Kernel of5[2][2] = {{kernel<1, 1, 5>, kernel<1, 2, 5>}, {kernel<2, 1, 5>, kernel<2, 2, 5>}};
#define EK_TILE_KERNEL(p, t) ((p).r == 5 ? of5[(t).high - 1][(t).wide - 1] : of3[(t).high - 1][(t).wide - 1])

// The instance of a template for (r, side).
#define EK_WINOGRAD(p, name) ((p).r == 5 ? name<5, 6> : (p).side == 6 ? name<3, 6> : name<3, 4>)
}  // namespace ek::EK_ISA
