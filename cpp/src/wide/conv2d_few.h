// Direct convolution of few input channels: what its kernels and the entry points share.
#pragma once
#include "einkorn.h"
#include "wide/wide.h"
#include "winograd_row.h"

namespace ek {
// Work is cut into units, a band of output rows of one image, and units into chunks.
struct FewPlan {
  ek_conv2d_shape s;
  int64_t oh, ow;
  int64_t band, bands;     // output rows of a unit, units of an image
  int64_t rows, row;       // input under a unit, with its padding: rows, and floats of one
  int64_t taps, tap_rows;  // kh kw c; with the sum before them, rounded up to kTapStep
  int64_t run, runs;       // taps that are neighbours in the input, and how many such runs a kernel row has
  int64_t block, blocks;   // output channels of a block, one or two vectors, and their number
  int64_t chunks;
  int64_t chunk_floats;  // scratch of a chunk
  int64_t tile;          // outputs of a tile of Winograd's, along a row; 0 where it is not
  float ceiling;         // of the ReLU behind the forward; 0 where there is none
};
constexpr int64_t kTapStep = 4;
constexpr int kFewWindow = 4;  // outputs that are pooled, in rows of two; the position where ReLU cut off

static inline int64_t few_start(const FewPlan& p, int64_t b) { return block_start(p.s.o, p.block, b); }

// Tiles of a row, the last one moved back over the one before, and the first output of one.
static inline int64_t few_tiles(const FewPlan& p) { return (p.ow + p.tile - 1) / p.tile; }
static inline int64_t few_tile(const FewPlan& p, int64_t t) { return block_start(p.ow, p.tile, t); }

// Floats for the windows of a chunk's input, and a vector behind them.
static inline int64_t few_windows_room(const FewPlan& p) { return kFewWindow * p.rows * p.row + 16; }

// Rows of tiles whose points of gy, of one vector of channels, stay in the first cache.
static inline int64_t few_points_strip(const FewPlan& p) {
  const int64_t strip = 4096 / (few_tiles(p) * kRowPoints * 16);
  return strip < 1 ? 1 : strip;
}
// Floats for the points (row, tile, point, channel) of a chunk's input, with one row more, and of such a strip.
static inline int64_t few_points_room(const FewPlan& p) {
  return few_tiles(p) * kRowPoints * ((p.rows + 1) * p.s.c + few_points_strip(p) * 16);
}

// The input gradient of whole images, each in padded rows with room for a vector behind them.
struct FewInput {
  ek_conv2d_shape s;
  int64_t oh, ow;
  int64_t vectors;    // of a row of the kernel, kw c floats: at most kFewVectors
  int64_t rows, row;  // of a padded image, and floats of one
  int64_t chunks;

  // By Winograd along rows: outputs of a tile, tiles of a row, kernel rows at a time, vectors of one for an output
  // channel, which hold the points of one input channel or two.
  int64_t tile, tiles, group, units;
};
constexpr int64_t kFewVectors = 4;
// Floats of a chunk's image, and at points (row, tile, o, point) of its gy and (row, tile, 8 c, point) of its gradient.
static inline int64_t few_gy_points(const FewInput& p) { return p.oh * p.tiles * p.s.o * kRowPoints; }
static inline int64_t few_gx_points(const FewInput& p) { return (p.oh + p.s.kh - 1) * p.tiles * 8 * kRowPoints; }
static inline int64_t few_points_floats(const FewInput& p) {
  return p.rows * p.row + few_gy_points(p) + few_gx_points(p);
}
}  // namespace ek

// y = conv(x, w) + b, or its ReLU; w is (block, tap, lane), b (block, lane), scratch a piece for each chunk
EK_WIDE_KERNEL(void, few_forward,
               (const FewPlan& p, const float* x, const float* w, const float* b, float* y, float* scratch))
// part[chunk] += gradients of the chunk's units, (block, tap_rows, lane): the bias's in row 0, tap t's in row t + 1
EK_WIDE_KERNEL(void, few_grad_weight, (const FewPlan& p, const float* x, const float* gy, float* part, float* scratch))
// The same with max pooling of 2 x 2 behind it: oh and ow are even, and so is the band; y and positions (0 to 3, or 4
// where ReLU cut off) are a quarter. A chunk's scratch ends with few_windows_room.
EK_WIDE_KERNEL(void, few_max_pool,
               (const FewPlan& p, const float* x, const float* w, const float* b, float* y, uint8_t* position,
                float* scratch))
EK_WIDE_KERNEL(void, few_max_pool_grad,
               (const FewPlan& p, const float* x, const float* gy, const uint8_t* position, float* part,
                float* scratch))
// few_forward and few_max_pool by Winograd along rows: u (block, channel, kernel row, point, lane) are the weights, a
// block being one vector. A chunk's scratch ends with few_points_room
EK_WIDE_KERNEL(void, few_points,
               (const FewPlan& p, const float* x, const float* u, const float* b, float* y, float* scratch))
EK_WIDE_KERNEL(void, few_points_max_pool,
               (const FewPlan& p, const float* x, const float* u, const float* b, float* y, uint8_t* position,
                float* scratch))
// part[chunk] += their gradients, and behind each block the bias's
EK_WIDE_KERNEL(void, few_points_grad, (const FewPlan& p, const float* x, const float* gy, float* part, float* scratch))
// w is (kernel row, o, lane), lanes beyond kw c being zero; scratch an image for each chunk
EK_WIDE_KERNEL(void, few_grad_input, (const FewInput& p, const float* gy, const float* w, float* gx, float* scratch))
// By Winograd along rows: u is (group of kernel rows, o, kernel row, unit, lane); a chunk has few_points_floats
EK_WIDE_KERNEL(int64_t, few_points_most, ())  // sums that fit into registers
EK_WIDE_KERNEL(void, few_points_grad_input,
               (const FewInput& p, const float* gy, const float* u, float* gx, float* scratch))

// What is transformed in vectors of 8 floats, a row at a time: v (tile, point, channel) of x, v (tile, o, point) of gy,
// and v (tile, 8 channels, point) back, added to gx
namespace ek::avx2 {
void few_points_row(const FewPlan& p, const float* x, float* v);
void few_points_row_of_gy(const FewInput& p, const float* gy, float* v);
void few_points_row_of_gx(const FewInput& p, const float* v, float* gx);
}  // namespace ek::avx2
