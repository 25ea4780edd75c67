// Winograd convolution: what its kernels and its entry points share.
#pragma once
#include "wide/wide.h"

namespace ek {
// A correlation of (n, h, w, c) with r x r windows at stride 1 to (n, oh, ow, o), channels-last, computed in tiles of
// m x m outputs, F(m x m, r x r): F(4x4, 3x3), F(2x2, 3x3) or F(2x2, 5x5). Of each tile there are `points` products: U
// (point, block, c, lane) from the weights, V (point, tile, c) from the input, M (point, tile, o) = V U. A block of U
// is two vectors of output channels, the last one perhaps one vector.
struct Winograd {
  int64_t n, c, h, w, o, oh, ow, top, left;
  int64_t m, r, points;                    // (m + r - 1)^2
  int64_t rows, cols, tiles;               // tiles of an image's height and width; of all images
  int64_t piece;                           // tiles of a piece of work
  int64_t vector, lanes;                   // floats of a vector; o rounded up to whole ones
  int64_t span;                            // output channels that M holds at once
  int64_t u_rows, v_row;                   // input channels of U, floats of a tile in V: c and room behind it
  int64_t u_step, v_step, m_step, y_step;  // floats from point to point
  bool relu;                               // behind the forward
};

// Where the weight of output o, input c and tap (i, j) lies: from + o of + c cf + r i + j, taps in reverse if flipped.
struct WinogradWeights {
  const float* from;
  int64_t of, cf;
  bool flipped;
};
}  // namespace ek

// U of the output channels of one vector, from the one numbered `vector`
EK_WIDE_KERNEL(void, winograd_weights, (const Winograd& p, const WinogradWeights& w, int64_t vector, float* u))
// y of `count` tiles from `first` on, output channels from..to (multiples of span, or the end). zeros: c rounded up to
// whole vectors; bias: p.lanes; scratch holds V and M
EK_WIDE_KERNEL(void, winograd_tiles,
               (const Winograd& p, const float* x, const float* u, const float* zeros, const float* bias, float* y,
                int64_t first, int64_t count, int64_t from, int64_t to, float* scratch))

// The weight gradient, tiles of `piece` at a time. Y (point, block, tile, lane) comes from gy as V does from x.
EK_WIDE_KERNEL(void, winograd_grad_tiles,
               (const Winograd& p, const float* x, const float* gy, const float* zeros, int64_t first, int64_t tile,
                float* v, float* y))
// U (point, block, c, lane) (+)= V Y at one point, summed over `count` tiles
EK_WIDE_KERNEL(void, winograd_grad_products,
               (const Winograd& p, int64_t point, int64_t count, const float* v, const float* y, float* u, bool add_to))
// gw (o, c, r, r) of the output channels of one vector
EK_WIDE_KERNEL(void, winograd_grad_weights, (const Winograd& p, const float* u, int64_t vector, float* gw))
