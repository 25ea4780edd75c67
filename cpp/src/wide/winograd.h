// Winograd convolution: what its kernels and its entry points share.
#pragma once
#include "wide/wide.h"

namespace ek {
constexpr int64_t kSevenPoints = 7;  // on a side of the largest tiles

// A correlation of (n, h, w, c) with r x r windows at stride 1 to (n, oh, ow, o), channels-last, computed in tiles of
// m x m outputs, F(m x m, r x r): F(5x5, 3x3), F(4x4, 3x3), F(2x2, 3x3), F(3x3, 5x5) or F(2x2, 5x5); of phases
// F(4x4, 2x2) or F(3x3, 4x4). Of each tile there are side x side products, side = m + r - 1, at as many points: U
// (point, block, c, lane) from the weights, V (point, tile, c) from the input, M (point, tile, o) = V U. A block of U
// is two vectors of output channels, the last one perhaps one vector.
//
// The last tiles of a row or column have the outputs that are left: a side of k outputs has k + r - 1 of the points,
// so that 14 = 4 + 4 + 4 + 2 outputs need 3 x 6 + 4 products on a side and not 4 x 6.
struct Winograd {
  int64_t n, c, h, w, o, oh, ow, top, left;
  int64_t split, merge;                // 2 where the input, or the output, is in phases, else 1
  int64_t from_y, from_x, to_h, to_w;  // merged: where output 0 of phase 0 lies, and all rows and columns
  int64_t m, r, side, points;
  int64_t low, narrow;                     // points on the height of the lowest tiles, on the width of the last ones
  int64_t rows, cols, tiles;               // tiles of an image's height and width; of all images
  int64_t pieces, piece;                   // of work, and its tiles, of the largest one
  int64_t lanes, vectors;                  // o rounded up to whole vectors, and their number
  int64_t span, spans;                     // output channels that M holds at once, how often in all phases
  int64_t u_rows, v_row;                   // input channels of U in all phases, floats of a tile in V: with room behind
  int64_t v_phase;                         // floats from phase to phase in V
  int64_t u_step, v_step, m_step, y_step;  // floats from point to point
  float ceiling;                           // of the ReLU behind the forward; 0 where there is none
  bool deep;                               // all tiles are one piece, and U may be made on the way
  bool stream, stream_y;                   // U, or y, is too large for the caches: it is written past them
  bool add_to;                             // y is added to what is there
};

// Tiles, counted by whether they have all outputs, too few columns, too few rows, or both.
struct WinogradKinds {
  int64_t whole, narrow, low, corner;
};

// The tiles first..first + count; `before` counts those before them. At each point the tiles that have it lie one
// behind the other in V, M and Y: whole ones, narrow ones, low ones, corners.
struct WinogradPiece {
  int64_t first, count;
  WinogradKinds before, all;
};

// The kinds of the tiles 0..t-1.
static inline WinogradKinds winograd_kinds(const Winograd& p, int64_t t) {
  const int64_t line = t / p.cols, image = line / p.rows, row = line % p.rows, col = t % p.cols;
  const int64_t rows = p.oh / p.m, cols = p.ow / p.m, low = p.rows - rows, narrow = p.cols - cols;
  const bool lowest = row == rows;
  return {(image * rows + row) * cols + (lowest ? 0 : col), (image * rows + row) * narrow,
          image * low * cols + (lowest ? col : 0), image * low * narrow};
}

static inline WinogradPiece winograd_piece(const Winograd& p, int64_t first, int64_t count) {
  const WinogradKinds a = winograd_kinds(p, first), b = winograd_kinds(p, first + count);
  return {first, count, a, {b.whole - a.whole, b.narrow - a.narrow, b.low - a.low, b.corner - a.corner}};
}

// Whether `count` points on a side of a tile, the low or narrow ones, are those at i too: the first ones, but that of
// seven points the last is infinity, which is with an odd number of them.
static inline bool winograd_includes(const Winograd& p, int64_t count, int64_t i) {
  if (p.side != kSevenPoints) return i < count;
  return i == kSevenPoints - 1 ? count % 2 : i < count / 2 * 2;
}

// How many tiles of a piece have the point of row i and column j.
static inline int64_t winograd_count(const Winograd& p, const WinogradPiece& piece, int64_t i, int64_t j) {
  const WinogradKinds& k = piece.all;
  const bool narrow = winograd_includes(p, p.narrow, j);
  const int64_t in_row = k.whole + (narrow ? k.narrow : 0), in_low_row = k.low + (narrow ? k.corner : 0);
  return in_row + (winograd_includes(p, p.low, i) ? in_low_row : 0);
}

// A phase, of 2 x 2 in an order in which those that have products at a point are neighbours, or of 1 x 1.
struct WinogradPhase {
  int64_t dy, dx;
};
constexpr WinogradPhase kWinogradPhases[] = {{0, 1}, {0, 0}, {1, 0}, {1, 1}};
static inline WinogradPhase winograd_phase(int64_t sides, int64_t i) {
  return sides == 1 ? WinogradPhase{0, 0} : kWinogradPhases[i];
}
constexpr int64_t kInfinity = 1;  // the point that a phase one tap short has no products at

// Whether a phase of the output has products at the point of row i and column j.
static inline bool winograd_has(WinogradPhase f, int64_t i, int64_t j) {
  return !(f.dy && i == kInfinity) && !(f.dx && j == kInfinity);
}

// The input channels, of all phases, that have products there.
struct WinogradDepth {
  int64_t begin, end;
};
static inline WinogradDepth winograd_depth(const Winograd& p, int64_t i, int64_t j) {
  if (p.split == 1) return {0, p.u_rows};
  return {j == kInfinity ? p.c : 0, i == kInfinity ? 2 * p.c : j == kInfinity ? 3 * p.c : 4 * p.c};
}

// Where the weight of output o, input c and tap (i, j) lies: from + o of + c cf + r i + j, taps in reverse if flipped.
struct WinogradWeights {
  const float* from;
  int64_t of, cf;
  bool flipped;
};

constexpr int64_t kWinogradPart = 64;  // channels on both sides, at most, whose U is made on the way

// The part of a convolution with output channels o..end - 1 and input channels c..stop - 1, which has a U of its own.
static inline Winograd winograd_part(const Winograd& p, int64_t o, int64_t end, int64_t c, int64_t stop) {
  Winograd part = p;
  part.o = end < p.lanes ? end - o : p.o - o, part.lanes = end - o, part.vectors = p.vectors * part.lanes / p.lanes;
  part.c = stop - c, part.u_rows = p.split * p.split * part.c;
  part.u_step = part.u_rows * part.lanes + 16;
  part.stream = false;
  return part;
}
// Floats of the U of a part, the largest, with room for rows that are rounded up.
static inline int64_t winograd_part_floats(const Winograd& p) {
  return p.points * ((p.split * p.split * kWinogradPart + 4) * kWinogradPart + 16);
}
}  // namespace ek

// U of the output channels of one vector, of all phases
EK_WIDE_KERNEL(void, winograd_weights, (const Winograd& p, const WinogradWeights& w, int64_t vector, float* u))
// V of the tiles from..to of a piece. zeros: c rounded up to whole vectors
EK_WIDE_KERNEL(void, winograd_input,
               (const Winograd& p, const float* x, const float* zeros, const WinogradPiece& piece, int64_t from,
                int64_t to, float* v))
// y of the tiles of a piece, span s, from V and U; where U is null it is made of the weights w on the way, a part
// behind M. bias: p.lanes
EK_WIDE_KERNEL(void, winograd_output,
               (const Winograd& p, const float* v, const float* u, const WinogradWeights& w, const float* bias,
                float* y, const WinogradPiece& piece, int64_t s, float* m))

// The weight gradient. Y (point, block, tile, lane) comes from gy as V does from x: those of tile number `tile`. sum
// (o) of its gy, if wanted
EK_WIDE_KERNEL(void, winograd_grad_tile,
               (const Winograd& p, const float* x, const float* gy, const float* zeros, const WinogradPiece& piece,
                int64_t tile, float* v, float* y, float* sum))
// U (point, block, c, lane) (+)= V Y at one point, summed over the tiles of a piece
EK_WIDE_KERNEL(void, winograd_grad_products,
               (const Winograd& p, int64_t point, const WinogradPiece& piece, const float* v, const float* y, float* u,
                bool add_to))
// gw (o, c, r, r) of the output channels of one vector; gw_row: floats of an output
EK_WIDE_KERNEL(void, winograd_grad_weights,
               (const Winograd& p, const float* u, int64_t vector, float* gw, int64_t gw_row))
// gw of a part of both channels, from o and c on, summed over the tiles of a piece; u holds its U
EK_WIDE_KERNEL(void, winograd_grad_part,
               (const Winograd& p, const WinogradPiece& piece, int64_t o, int64_t c, const float* v, const float* y,
                float* u, float* gw, int64_t gw_row))
