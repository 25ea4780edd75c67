// Convolution as it is defined, pixel by pixel and tap by tap; a vector holds channels of a group.
#ifdef EK_BASE
#include "conv2d_plain.h"

#include <algorithm>

#include "activation.h"
#include "memory.h"
#include "unary.h"

namespace ek {
namespace {
constexpr int64_t kSpan = 1 << 16, kStride = 1 << 12;  // up to which oneDNN computed what it should
constexpr int64_t kSmallStride = 64;                   // where one beyond the window costs it memory

bool far(int64_t before, int64_t after, int64_t kernel, int64_t stride, int64_t dilation) {
  const int64_t span = dilation * (kernel - 1) + 1;
  return std::max(before, after) >= span || std::max(span, dilation) > kSpan || stride > kStride ||
         stride > std::max(span, kSmallStride);
}

int64_t taps(const ek_conv2d_shape& s) { return int64_t{s.kh} * s.kw; }

// f(tap, pixel of x, pixel of y) for all that meet, of one row of y, counted over all images.
template <class F>
void for_row(const ek_conv2d_shape& s, int64_t row, const F& f) {
  const int64_t oh = conv2d_oh(s), ow = conv2d_ow(s);
  for (int64_t i = 0; i < s.kh; ++i) {
    const int64_t h = row % oh * s.stride_h + i * s.dilation_h - s.pad_top;
    if (h < 0 || h >= s.h) continue;
    for (int64_t at = 0; at < ow; ++at)
      for (int64_t j = 0; j < s.kw; ++j) {
        const int64_t w = at * s.stride_w + j * s.dilation_w - s.pad_left;
        if (w >= 0 && w < s.w) f(i * s.kw + j, (row / oh * s.h + h) * s.w + w, row * ow + at);
      }
  }
}

// to[i] += by a[i]
void add_scaled(const float* a, float by, float* to, int64_t n) {
  for (int64_t i = 0; i < n; ++i) to[i] += by * a[i];
}

// f(place in w, o, c, tap), c counted over all groups
template <class F>
void for_weights(const ek_conv2d_shape& s, const F& f) {
  const int64_t outs = s.o / s.groups, ins = s.c / s.groups;
  int64_t place = 0;
  for (int64_t o = 0; o < s.o; ++o)
    for (int64_t c = o / outs * ins; c < (o / outs + 1) * ins; ++c)
      for (int64_t tap = 0; tap < taps(s); ++tap) f(place++, o, c, tap);
}
}  // namespace

bool conv2d_far(const ek_conv2d_shape& s) {
  return far(s.pad_top, s.pad_bottom, s.kh, s.stride_h, s.dilation_h) ||
         far(s.pad_left, s.pad_right, s.kw, s.stride_w, s.dilation_w);
}

void plain_conv2d(const ek_conv2d_shape& s, const float* x, const float* w, const float* b, float ceiling, float* y) {
  const int64_t outs = s.o / s.groups, ins = s.c / s.groups, line = conv2d_ow(s) * s.o;
  const Scratch u(conv2d_weights(s));  // (tap, c, o of the group)
  for_weights(
      s, [&](int64_t place, int64_t o, int64_t c, int64_t tap) { u[(tap * s.c + c) * outs + o % outs] = w[place]; });
  parallel(s.n * conv2d_oh(s), 1, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      float* to = y + row * line;
      for (int64_t i = 0; i < line; ++i) to[i] = b ? b[i % s.o] : 0;
      for_row(s, row, [&](int64_t tap, int64_t from, int64_t at) {
        for (int64_t c = 0; c < s.c; ++c)
          add_scaled(u + (tap * s.c + c) * outs, x[from * s.c + c], y + at * s.o + c / ins * outs, outs);
      });
    }
  });
  if (ceiling > 0) EK_CALL(rectify, y, ceiling, y, s.n * conv2d_y_image(s));
}

void plain_grad_input(const ek_conv2d_shape& s, const float* gy, const float* w, float* gx) {
  const int64_t outs = s.o / s.groups, ins = s.c / s.groups, image = conv2d_x_image(s), oh = conv2d_oh(s);
  const Scratch u(conv2d_weights(s));  // (tap, o, c of the group)
  for_weights(s,
              [&](int64_t place, int64_t o, int64_t c, int64_t tap) { u[(tap * s.o + o) * ins + c % ins] = w[place]; });
  parallel(s.n, 1, [&](int64_t begin, int64_t end) {
    std::fill(gx + begin * image, gx + end * image, 0.0f);
    for (int64_t row = begin * oh; row < end * oh; ++row)
      for_row(s, row, [&](int64_t tap, int64_t to, int64_t at) {
        for (int64_t o = 0; o < s.o; ++o)
          add_scaled(u + (tap * s.o + o) * ins, gy[at * s.o + o], gx + to * s.c + o / outs * ins, ins);
      });
  });
}

// Threads share the input channels: each meets all pixels in order.
void plain_grad_weight(const ek_conv2d_shape& s, const float* x, const float* gy, float* gw) {
  const int64_t outs = s.o / s.groups, ins = s.c / s.groups, rows = s.n * conv2d_oh(s);
  const Scratch u(conv2d_weights(s));  // (tap, c, o of the group)
  std::fill_n(u.get(), conv2d_weights(s), 0.0f);
  parallel(s.c, 1, [&](int64_t begin, int64_t end) {
    for (int64_t row = 0; row < rows; ++row)
      for_row(s, row, [&](int64_t tap, int64_t from, int64_t at) {
        for (int64_t c = begin; c < end; ++c)
          add_scaled(gy + at * s.o + c / ins * outs, x[from * s.c + c], u + (tap * s.c + c) * outs, outs);
      });
  });
  for_weights(
      s, [&](int64_t place, int64_t o, int64_t c, int64_t tap) { gw[place] = u[(tap * s.c + c) * outs + o % outs]; });
}
}  // namespace ek
#endif
