// Windows as columns, row-major: x (n, c, h, w) and y (n, c kh kw, oh ow). unfold and fold are each other's gradient.
#include "error.h"
#include "isa.h"
#include "pool2d.h"

EK_KERNEL(void, unfold, (const ek_pool2d_shape& s, const float* x, float* y))
EK_KERNEL(void, fold, (const ek_pool2d_shape& s, const float* y, float* x))

namespace ek::EK_ISA {
// What a tap (i, j) of all windows sees: the places v x u whose tap is inside the image, the first being at `from`.
struct Seen {
  int h0, w0;
  Taps v, u;
};
EK_INLINE Seen seen(const ek_pool2d_shape& s, int64_t i, int64_t j) {
  const int h0 = (int)i * s.dilation_h - s.pad_top, w0 = (int)j * s.dilation_w - s.pad_left;
  return {h0, w0, taps_inside(h0, s.oh, s.stride_h, s.h), taps_inside(w0, s.ow, s.stride_w, s.w)};
}

// Where the place (p, u.begin) is in the image.
EK_INLINE int64_t place(const ek_pool2d_shape& s, const Seen& t, int p) {
  return ((int64_t)p * s.stride_h + t.h0) * s.w + (int64_t)t.u.begin * s.stride_w + t.w0;
}

void unfold(const ek_pool2d_shape& s, const float* x, float* y) {
  const int64_t places = (int64_t)s.oh * s.ow, taps = (int64_t)s.kh * s.kw, image = (int64_t)s.h * s.w;
  parallel((int64_t)s.n * s.c * taps, 1 + kGrain / (places + 1), [=, &s](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const Seen t = seen(s, row % taps / s.kw, row % s.kw);
      const float* from = x + row / taps * image;
      float* to = y + row * places;
      if (t.v.count() < s.oh || t.u.count() < s.ow) memset(to, 0, (size_t)places * sizeof(float));
      for (int p = t.v.begin; t.u.count() > 0 && p < t.v.end; ++p) {
        const float* a = from + place(s, t, p);
        float* b = to + (int64_t)p * s.ow + t.u.begin;
        if (s.stride_w == 1)
          memcpy(b, a, (size_t)t.u.count() * sizeof(float));
        else
          for (int q = 0; q < t.u.count(); ++q) b[q] = a[(int64_t)q * s.stride_w];
      }
    }
  });
}

void fold(const ek_pool2d_shape& s, const float* y, float* x) {
  const int64_t places = (int64_t)s.oh * s.ow, taps = (int64_t)s.kh * s.kw, image = (int64_t)s.h * s.w;
  parallel((int64_t)s.n * s.c, 1 + kGrain / (taps * places + 1), [=, &s](int64_t begin, int64_t end) EK_FLAT {
    for (int64_t i = begin; i < end; ++i) {
      float* to = x + i * image;
      memset(to, 0, (size_t)image * sizeof(float));
      for (int64_t tap = 0; tap < taps; ++tap) {
        const Seen t = seen(s, tap / s.kw, tap % s.kw);
        const float* from = y + (i * taps + tap) * places;
        for (int p = t.v.begin; t.u.count() > 0 && p < t.v.end; ++p) {
          const float* a = from + (int64_t)p * s.ow + t.u.begin;
          float* b = to + place(s, t, p);
          if (s.stride_w == 1)
            map_here(b, a, b, t.u.count(), [](vf b, vf a) { return add(b, a); });
          else
            for (int q = 0; q < t.u.count(); ++q) b[(int64_t)q * s.stride_w] += a[q];
        }
      }
    }
  });
}
}  // namespace ek::EK_ISA

#ifdef EK_BASE
extern "C" {
int ek_unfold(const ek_pool2d_shape* shape, const float* x, float* y) {
  return ek::guarded([&] { EK_CALL(unfold, *shape, x, y); });
}
int ek_fold(const ek_pool2d_shape* shape, const float* y, float* x) {
  return ek::guarded([&] { EK_CALL(fold, *shape, y, x); });
}
}
#endif
