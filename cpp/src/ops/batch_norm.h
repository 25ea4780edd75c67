// What the kernels of batch norm and its entry points share.
//
// Rows of c channels are folded so that vectors are full whatever c is: `fold` consecutive rows make one line, and
// column j of a line belongs to channel j % c. Statistics of each column are floats within blocks of lines, shifted by
// the block's first line so that a large mean cancels nothing, and doubles beyond; rows left over by the folding are
// added in double.
#pragma once
#include "isa.h"

namespace ek {
struct Folded {
  int64_t rows, c;
  int64_t width;                              // columns of a line, a multiple of 64
  int64_t lines;                              // full ones
  int64_t block;                              // lines summed in float
  int64_t chunk, chunks;                      // lines of a thread's piece, and how many pieces
  bool stream;                                // writes past the caches, which do not hold what is read and written
  int64_t part() const { return 3 * width; }  // doubles of a chunk's sums: two for each column, and as much of floats
};

// z = (x - mean) a + b, and y = min(max(z, 0), ceiling), or z where that is 0; coefficients of the columns of a line.
struct Affine {
  const float *mean, *a, *b;
  float ceiling;
};
}  // namespace ek

// part[chunk] = {mean of x, sum (x - mean)^2} for each column; f.part() doubles of room for each
EK_KERNEL(void, batch_moments, (const Folded& f, const float* x, double* part))
// part[chunk] = {sum g, sum g (x - mean)} for each column, g being gy where the ReLU let pass
EK_KERNEL(void, batch_products, (const Folded& f, const Affine& p, const float* x, const float* gy, double* part))
// y of x, of z + residual where that is not null
EK_KERNEL(void, batch_scale, (const Folded& f, const Affine& p, const float* x, const float* residual, float* y))
// gx = g a + (x - mean) b + d
EK_KERNEL(void, batch_scale_grad,
          (const Folded& f, const Affine& p, const float* x, const float* gy, const float* b, const float* d,
           float* gx))
