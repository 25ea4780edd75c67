// Direct convolution of one-channel images with stride 1 and its weight gradient, planar: a vector holds neighbouring
// pixels of one output channel, and weights are broadcast. What its kernels and the entry points share.
#pragma once
#include "einkorn.h"
#include "isa.h"

namespace ek {
// Of the convolution's outputs, those under 2 x 2 windows that lie side by side, in planes.
struct PlanarPlan {
  ek_conv2d_shape s;
  int64_t rows, columns;  // of outputs: even
  int64_t width;          // floats of a row of outputs: columns filled up to whole vectors
  int64_t pitch, image;   // floats of a row of the padded image, with the taps right of the last vector, and of all
  int64_t block, blocks;  // output channels that are computed together, and how many times
  int64_t taps;           // kh kw
};
// Planes of the gradient that are in the first cache at a time.
constexpr int64_t kPlanes = 4;

// Planes of pairs of rows, and of pooled pixels. Pairs of vectors are read whole, up to kPlanarRoom floats behind the
// last row.
struct PlanarRows {
  int64_t planes, pairs;
  int64_t width, plane;     // floats of a row, and from plane to plane
  int64_t columns, pooled;  // of pooled pixels, and from plane to plane
};
constexpr int64_t kPlanarRoom = 16;

// Images that are computed together, up to planar_images(), and from one's pooled pixels to the next one's.
struct PlanarGroup {
  int64_t images, y_image;
};
}  // namespace ek

// to (pitch, rows and taps below them) = the image within its padding
EK_KERNEL(void, planar_image, (const PlanarPlan& p, const float* x, float* to))
// y (blocks block, 2, width) = two rows of outputs; x is under their first tap, w (block, tap, channel), b (channel)
EK_KERNEL(void, planar_rows, (const PlanarPlan& p, const float* x, const float* w, const float* b, float* y))
// sums (kPlanes, 1 + taps, vector) += gy x for every tap, from row 1 on, for so many planes, and those that fill up two
// or kPlanes; gy (kPlanes, rows, width) is zero beyond the columns
EK_KERNEL(void, planar_grad_weight, (const PlanarPlan& p, const float* x, const float* gy, int64_t count, float* sums))

// y = averages of x, which is activated in its place, and copied to kept, which is null for EK_IDENTITY
EK_KERNEL(void, planar_average,
          (const PlanarRows& p, int activation, float* x, float* y, float* kept, int64_t kept_plane))
// Its gradient; sums of plane i += gx at i sum_row, in the lanes of a vector.
EK_KERNEL(void, planar_average_grad,
          (const PlanarRows& p, int activation, const float* gy, const float* kept, float* gx, float* sums,
           int64_t sum_row))

// By Winograd along rows of 5 weights. The images of a vector: it has eight lanes of each.
EK_KERNEL(int64_t, planar_images, ())
// v (row, vector, point, lane) are as many images, one behind the other, a lane a tile of 4 columns
EK_KERNEL(void, planar_points, (const PlanarPlan& p, const float* image, float* v))
// y (channel, pooled pixel) = averages of the activated outputs of a group's images, which kept gets too unless it is
// null; u (channel, kernel row, point), b (channel)
EK_KERNEL(void, planar_points_average,
          (const PlanarPlan& p, const PlanarGroup& group, int activation, const float* v, const float* u,
           const float* b, float* y, float* kept))
// sums (channel, kernel row, point, lane) += the gradient of u, and behind each channel the bias's; scratch holds the
// points of two channels
EK_KERNEL(void, planar_points_grad,
          (const PlanarPlan& p, const PlanarGroup& group, int activation, const float* v, const float* gy,
           const float* kept, float* sums, float* scratch))
