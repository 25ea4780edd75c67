// Average pooling, channels-last: forward beside gradient.
#include "error.h"
#include "isa.h"
#include "pool2d.h"

EK_KERNEL(void, avg_pool2d, (const ek_pool2d_shape& s, const float* x, float* y))
EK_KERNEL(void, avg_pool2d_grad, (const ek_pool2d_shape& s, const float* gy, float* gx))

namespace ek::EK_ISA {
// Taps of one axis that the divisor counts: those inside the input, or inside the padded input.
static int counted(int start, int k, int dilation, int size, int pad, int far_pad, int count_pad) {
  const Taps t =
      count_pad ? taps_inside(start + pad, k, dilation, size + pad + far_pad) : taps_inside(start, k, dilation, size);
  return t.end - t.begin;
}

// The divisor of the windows that start at (h0, w0).
static float divisor(const ek_pool2d_shape& s, int h0, int w0) {
  const int count = counted(h0, s.kh, s.dilation_h, s.h, s.pad_top, s.pad_bottom, s.count_pad) *
                    counted(w0, s.kw, s.dilation_w, s.w, s.pad_left, s.pad_right, s.count_pad);
  return count > 0 ? static_cast<float>(count) : 1;
}

// y = sum of the taps inside / count
void avg_pool2d(const ek_pool2d_shape& s, const float* x, float* y) {
  const int64_t row = int64_t{s.w} * s.c, down = s.dilation_h * row, right = int64_t{s.dilation_w} * s.c;
  pool_rows(s, [=, &s](int64_t image, int64_t out, int h0, Taps v) {
    for (int ow = 0; ow < s.ow; ++ow) {
      const int w0 = ow * s.stride_w - s.pad_left;
      const Taps u = taps_inside(w0, s.kw, s.dilation_w, s.w);
      const vf count = set(divisor(s, h0, w0));
      const float* p = x + (image * s.h + h0) * row + int64_t{w0} * s.c;
      float* q = y + (out * s.ow + ow) * s.c;
      int c = 0;
      for (; c + VF <= s.c; c += VF) {
        vf sum = zero();
        for (int i = v.begin; i < v.end; ++i)
          for (int j = u.begin; j < u.end; ++j) sum = add(sum, load(p + i * down + j * right + c));
        store(q + c, div(sum, count));
      }
      if (c == s.c) continue;
      vf sum = zero();
      for (int i = v.begin; i < v.end; ++i)
        for (int j = u.begin; j < u.end; ++j) sum = add(sum, load_part(p + i * down + j * right + c, s.c - c));
      store_part(q + c, div(sum, count), s.c - c);
    }
  });
}

// gx = sum of gy / count over the windows that hold the pixel
void avg_pool2d_grad(const ek_pool2d_shape& s, const float* gy, float* gx) {
  pool_grad_rows(s, gx, [=, &s](float* to, int64_t out, int) {
    const int h0 = static_cast<int>(out % s.oh) * s.stride_h - s.pad_top;
    for (int ow = 0; ow < s.ow; ++ow) {
      const int w0 = ow * s.stride_w - s.pad_left;
      const Taps u = taps_inside(w0, s.kw, s.dilation_w, s.w);
      const float share = 1 / divisor(s, h0, w0);
      const float* g = gy + (out * s.ow + ow) * s.c;
      for (int j = u.begin; j < u.end; ++j) {
        float* p = to + (w0 + j * s.dilation_w) * int64_t{s.c};
        map_here(
            p, s.c, [=](vf a, vf b) { return fma(a, set(share), b); }, g, static_cast<const float*>(p));
      }
    }
  });
}
}  // namespace ek::EK_ISA

#ifdef EK_BASE
extern "C" {
int ek_avg_pool2d(const ek_pool2d_shape* shape, const float* x, float* y) {
  return ek::guarded([&] { EK_CALL(avg_pool2d, *shape, x, y); });
}
int ek_avg_pool2d_grad(const ek_pool2d_shape* shape, const float* gy, float* gx) {
  return ek::guarded([&] { EK_CALL(avg_pool2d_grad, *shape, gy, gx); });
}
}
#endif
