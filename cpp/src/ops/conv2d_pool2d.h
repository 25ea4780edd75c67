// A convolution with its activation and pooling: the two ways to have them at once.
#pragma once
#include "conv2d.h"

#ifdef EK_BASE
namespace ek {
struct ConvPool {
  ek_conv2d_shape conv;
  ek_pool2d_shape pool;
  bool average;
  int activation;
  bool planar;  // y and gy are (n, c, h, w) in memory, else channels-last

  // Whether windows are 2 x 2, side by side.
  bool pairs() const {
    return pool.kh == 2 && pool.kw == 2 && pool.stride_h == 2 && pool.stride_w == 2 && pool.dilation_h == 1 &&
           pool.dilation_w == 1 && pool.pad_top == 0 && pool.pad_left == 0 && pool.oh == pool.h / 2 &&
           pool.ow == pool.w / 2;
  }
  int64_t y_plane() const { return int64_t{pool.oh} * pool.ow; }
  int64_t y_image() const { return y_plane() * pool.c; }
};

// Averages of 2 x 2 pixels of a convolution of one-channel images: conv2d_planar.cpp. The gradient needs activations,
// which are so many bytes for an image, and kPlanarRoom floats behind the last.
bool planar_takes(const ConvPool& s);
int64_t planar_kept(const ConvPool& s);
void planar_forward(const ConvPool& s, const float* x, const float* w, const float* b, float* y, char* kept);
void planar_gradient(const ConvPool& s, const float* x, const float* gy, const char* kept, float* gw, float* gb);
}  // namespace ek
#endif
