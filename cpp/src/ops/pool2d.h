// Which taps of a pooling window lie inside the input, and which windows an input row lies in.
#pragma once
#include "einkorn.h"
#include "elementwise.h"

namespace ek::EK_ISA {
// Taps begin <= i < end.
struct Taps {
  int begin, end;
};

// The taps of a window of k that starts at `start` which fall on 0..size-1.
EK_INLINE Taps taps_inside(int start, int k, int dilation, int size) {
  Taps t = {0, k};
  if (start < 0) t.begin = (-start + dilation - 1) / dilation;
  if (start + (k - 1) * dilation >= size) t.end = start >= size ? 0 : (size - start + dilation - 1) / dilation;
  if (t.begin > t.end) t.begin = t.end;
  return t;
}

// f(x, y, h0, v) for every row y of outputs of image x: its windows start at row h0 and have the taps v inside.
template <class F>
static inline void pool_rows(const ek_pool2d_shape& s, const F& f) {
  const int64_t work = int64_t{s.w} * s.c * smaller(s.stride_h, s.kh);
  parallel(int64_t{s.n} * s.oh, ceil_div(kGrain, larger(work, 1)), [=, &s](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      const int h0 = static_cast<int>(r % s.oh) * s.stride_h - s.pad_top;
      f(r / s.oh, r, h0, taps_inside(h0, s.kh, s.dilation_h, s.h));
    }
  });
}

// Zeroes the rows of gx and calls f(gx row, y row, tap) for every row of windows that has it under a tap. Rows are
// independent, so that windows may overlap without races.
template <class F>
static inline void pool_grad_rows(const ek_pool2d_shape& s, float* gx, const F& f) {
  const int64_t row = int64_t{s.w} * s.c;
  parallel(int64_t{s.n} * s.h, ceil_div(kGrain, larger(row, 1)), [=, &s](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      memset(gx + r * row, 0, row * sizeof(float));
      const int h = static_cast<int>(r % s.h);
      for (int i = 0; i < s.kh; ++i) {
        const int start = h + s.pad_top - i * s.dilation_h;
        if (start < 0) break;
        const int oh = start / s.stride_h;
        if (start % s.stride_h == 0 && oh < s.oh) f(gx + r * row, r / s.h * s.oh + oh, i);
      }
    }
  });
}
}  // namespace ek::EK_ISA
