// Convolution of few input channels (the first layer's): what its kernels and the entry points share.
#pragma once
#include "conv2d.h"

namespace ek {
// Work is cut into units, a band of output rows of one image, and units into chunks.
struct FewPlan {
  ek_conv2d_shape s;
  int64_t oh, ow;
  int64_t band, bands;    // output rows of a unit, units of an image
  int64_t rows, row;      // input under a unit, with its padding: rows, and floats of one
  int64_t taps;           // kh kw c
  int64_t run, runs;      // taps that are neighbours in the input, and how many such runs a kernel row has
  int64_t block, blocks;  // output channels of a block (8 or 16), and their number
  int64_t chunks;
  int64_t chunk_floats;  // scratch of a chunk
};

// First channel of a block. The last block is moved back over the one before it rather than cut short, so that its
// vectors are full; only where o < block are lanes masked.
static inline int64_t few_start(const FewPlan& p, int64_t b) {
  const int64_t last = p.s.o > p.block ? p.s.o - p.block : 0;
  return b * p.block < last ? b * p.block : last;
}

#ifdef EK_BASE
// Whether the kernels take a shape's forward, or its weight gradient.
bool few_takes(const ek_conv2d_shape& s, bool forward);
void few_conv2d(const ek_conv2d_shape& s, const float* x, const float* w, const float* b, float* y);
void few_conv2d_grad_weight(const ek_conv2d_shape& s, const float* x, const float* gy, float* gw);
#endif
}  // namespace ek
