// What the files of the convolution share.
#pragma once
#include "einkorn.h"
#include "isa.h"

// y[i] = sum over p < parts of part[p stride + i], in order
EK_KERNEL(void, add_parts, (int64_t parts, const float* part, int64_t stride, float* y, int64_t n))

namespace ek {
constexpr double kChunkFlops = 2e6;  // a piece of an own convolution that is worth a thread: 25 us

constexpr int64_t kLineFloats = 16;  // of a line of the caches, which a vector of AVX-512 fills

enum class Conv2dPass { forward, grad_input, grad_weight };

// Whether each pixel of y is whole lines, which can be written past the caches.
static inline bool at_lines(const float* y, int64_t channels) {
  return channels % kLineFloats == 0 && reinterpret_cast<uintptr_t>(y) % (kLineFloats * sizeof(float)) == 0;
}

static inline int64_t conv2d_oh(const ek_conv2d_shape& s) {
  return (s.h + s.pad_top + s.pad_bottom - s.dilation_h * (s.kh - 1) - 1) / s.stride_h + 1;
}
static inline int64_t conv2d_ow(const ek_conv2d_shape& s) {
  return (s.w + s.pad_left + s.pad_right - s.dilation_w * (s.kw - 1) - 1) / s.stride_w + 1;
}
static inline int64_t conv2d_weights(const ek_conv2d_shape& s) { return int64_t{s.o} * (s.c / s.groups) * s.kh * s.kw; }
static inline int64_t conv2d_x_image(const ek_conv2d_shape& s) { return int64_t{s.h} * s.w * s.c; }
static inline int64_t conv2d_y_image(const ek_conv2d_shape& s) { return conv2d_oh(s) * conv2d_ow(s) * s.o; }
static inline double conv2d_flops(const ek_conv2d_shape& s) {
  return 2.0 * s.n * conv2d_oh(s) * conv2d_ow(s) * conv2d_weights(s);
}
}  // namespace ek

#ifdef EK_BASE
#include "dnnl_cache.h"
#include "threads.h"

namespace ek {
// How oneDNN gets activations: channels-last as they lie, or converted to the layout that it likes best.
enum class DnnlLayout { channels_last, any };

// Single-threaded ops over nearly equal parts of the batch, cut by shape alone: for directions in which oneDNN's
// own threading changes results.
class Conv2dParts {
 public:
  // At most `most` parts.
  Conv2dParts(DnnlKey::Kind kind, const ek_conv2d_shape& s, DnnlLayout layout, bool bias, int64_t most);

  int64_t count() const { return count_; }
  const DnnlOpPtr& op() const { return small_; }

  // f(op, part, first image, images) for every part
  template <class F>
  void run(const F& f) const {
    parallel(count_, 1, [&](int64_t part, int64_t) {
      const int64_t from = n_ * part / count_, size = n_ * (part + 1) / count_ - from;
      const SingleThread alone;
      f(size == n_ / count_ ? *small_ : *large_, part, from, size);
    });
  }

 private:
  int64_t n_, count_;
  DnnlOpPtr small_, large_;
};

// Those of a pass.
Conv2dParts dnnl_parts(const ek_conv2d_shape& s, Conv2dPass pass, DnnlLayout layout, bool bias);

void dnnl_conv2d(DnnlLayout layout, const ek_conv2d_shape& s, const float* x, const float* w, int64_t w_stamp,
                 const float* b, float ceiling, float* y);
void dnnl_grad_input(DnnlLayout layout, const ek_conv2d_shape& s, const float* gy, const float* w, int64_t w_stamp,
                     float* gx);
void dnnl_grad_weight(DnnlLayout layout, const ek_conv2d_shape& s, const float* x, const float* gy, float* gw);
}  // namespace ek
#endif
