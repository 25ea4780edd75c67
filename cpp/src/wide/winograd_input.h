// Where the tiles of a Winograd convolution lie, and their transform: V from x.
#pragma once
#include "elementwise.h"
#include "wide/winograd.h"
#include "wide/winograd_tile.h"

namespace ek::EK_ISA {
enum { kBlock = 2 * VF };  // output channels of a block of U and Y

struct Tile {
  int64_t image, y, x;  // of its first output
};

static inline Tile tile_at(const Winograd& p, int64_t t) {
  const int64_t r = t / p.cols;
  return {r / p.rows, r % p.rows * p.m, t % p.cols * p.m};
}

// V of one tile. Where it sticks out of the image its rows of channels are those of `zeros`.
template <int A>
static void transform_input(const Winograd& p, const float* x, const float* zeros, Tile t, float* v) {
  const float* image = x + t.image * p.h * p.w * p.c;
  const int64_t y0 = t.y - p.top, x0 = t.x - p.left, step = p.v_step, full = p.c / VF * VF, rest = p.c - full;
  const auto to = [=](int64_t c) { return [=](int i, int j, vf q) EK_FLAT { store(v + (i * A + j) * step + c, q); }; };
  if (y0 >= 0 && x0 >= 0 && y0 + A <= p.h && x0 + A <= p.w) {
    const float* from = image + (y0 * p.w + x0) * p.c;
    const int64_t row = p.w * p.c, col = p.c;
    for (int64_t c = 0; c < full; c += VF)
      both_ways<FromInput<A>>([=](int i, int j) EK_FLAT { return load(from + i * row + j * col + c); }, to(c));
    if (rest)
      both_ways<FromInput<A>>([=](int i, int j) EK_FLAT { return load_part(from + i * row + j * col + full, rest); },
                              to(full));
    return;
  }
  const float* at[A * A];
  for (int i = 0; i < A; ++i)
    for (int j = 0; j < A; ++j) {
      const int64_t h = y0 + i, w = x0 + j;
      at[i * A + j] = h >= 0 && w >= 0 && h < p.h && w < p.w ? image + (h * p.w + w) * p.c : zeros;
    }
  const float* const* from = at;
  for (int64_t c = 0; c < full; c += VF)
    both_ways<FromInput<A>>([=](int i, int j) EK_FLAT { return load(from[i * A + j] + c); }, to(c));
  if (rest)
    both_ways<FromInput<A>>([=](int i, int j) EK_FLAT { return load_part(from[i * A + j] + full, rest); }, to(full));
}

// The instance of a template for (M, R).
#define EK_WINOGRAD(p, name) ((p).r == 5 ? name<2, 5> : (p).m == 4 ? name<4, 3> : name<2, 3>)
}  // namespace ek::EK_ISA
