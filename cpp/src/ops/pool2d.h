// The loops that max and average pooling share, channels-last: a vector holds channels of one pixel.
#pragma once
#include "einkorn.h"
#include "elementwise.h"

namespace ek::EK_ISA {
// Taps begin <= i < end.
struct Taps {
  int begin, end;
  int count() const { return end - begin; }
};

// The taps of a window of k that starts at `start` which fall on 0..size-1.
EK_INLINE Taps taps_inside(int start, int k, int dilation, int size) {
  Taps t = {0, k};
  if (start < 0) t.begin = (-start + dilation - 1) / dilation;
  if (start + (k - 1) * dilation >= size) t.end = start >= size ? 0 : (size - start + dilation - 1) / dilation;
  if (t.begin > t.end) t.begin = t.end;
  return t;
}

// All lanes of a vector, or the first n.
struct Whole {
  template <class T>
  vf get(const T* p) const {
    return load(p);
  }
  void put(float* p, vf x) const { store(p, x); }
  int64_t count() const { return VF; }
};
struct Part {
  int64_t n;
  template <class T>
  vf get(const T* p) const {
    return load_part(p, n);
  }
  void put(float* p, vf x) const { store_part(p, x, n); }
  int64_t count() const { return n; }
};

// Positions, held as floats, to memory: as many as there are lanes.
#if defined(EK_VF16)
EK_INLINE void put(uint8_t* p, vf tap, int64_t n) {
  _mm_mask_storeu_epi8(p, lanes(n), _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(tap)));
}
EK_INLINE void put(int32_t* p, vf tap, int64_t n) { _mm512_mask_storeu_epi32(p, lanes(n), _mm512_cvtps_epi32(tap)); }
#elif defined(__AVX2__)
EK_INLINE void put(uint8_t* p, vf tap, int64_t lanes) {
  const __m256i t = _mm256_cvtps_epi32(tap);
  const __m128i words = _mm_packus_epi32(_mm256_castsi256_si128(t), _mm256_extracti128_si256(t, 1));
  int64_t bytes = _mm_cvtsi128_si64(_mm_packus_epi16(words, words));
  if (lanes >= VF) {
    memcpy(p, &bytes, 8);
    return;
  }
  if (lanes & 4) memcpy(p, &bytes, 4), bytes >>= 32, p += 4;
  if (lanes & 2) memcpy(p, &bytes, 2), bytes >>= 16, p += 2;
  if (lanes & 1) memcpy(p, &bytes, 1);
}
EK_INLINE void put(int32_t* p, vf tap, int64_t lanes) {
  const vf t = _mm256_castsi256_ps(_mm256_cvtps_epi32(tap));
  lanes >= VF ? store((float*)p, t) : store_part((float*)p, t, lanes);
}
#else
template <class P>
EK_INLINE void put(P* p, vf tap, int64_t) {
  *p = static_cast<P>(tap);
}
#endif

// A maximum, and the tap it is at.
struct Best {
  vf value, tap;
};

// v, at a tap behind those met before: the first maximum wins, and NaN over everything (the last one, as in PyTorch).
EK_INLINE Best met(Best b, vf v, float tap) {
  const vm better = either(gt(v, b.value), ne(v, v));
  return {select(better, v, b.value), select(better, set(tap), b.tap)};
}

// The same of all N taps: the maximum, then the first that equals it. A sum that is no number tells that there may be a
// NaN.
template <int N>
EK_INLINE Best best_of(const vf (&x)[N]) {
  vf value = x[0], sum = x[0];
#pragma GCC unroll 8
  for (int t = 1; t < N; ++t) value = max(x[t], value), sum = add(sum, x[t]);
  if (any(ne(sum, sum))) {
    Best b = {x[0], zero()};
    for (int t = 1; t < N; ++t) b = met(b, x[t], static_cast<float>(t));
    return b;
  }
  vf tap = set(N - 1);
#pragma GCC unroll 8
  for (int t = N - 2; t >= 0; --t) tap = select(eq(x[t], value), set(static_cast<float>(t)), tap);
  return {value, tap};
}

// The same of four that are numbers.
EK_INLINE Best best_of_numbers(const vf (&x)[4]) {
  const vf first = max(x[1], x[0]), second = max(x[3], x[2]), one = set(1);
  const vm later = gt(second, first), of_first = gt(x[1], x[0]), of_second = gt(x[3], x[2]);
  return {max(first, second), select(later, add(set(2), keep(of_second, one)), keep(of_first, one))};
}

// max(x, 0), and the tap `none` where it cut off; a NaN stays.
EK_INLINE Best rectified(Best b, float none) {
  const vm cut = le(b.value, zero());
  return {select(cut, zero(), b.value), select(cut, set(none), b.tap)};
}

// f(first channel, lanes) over c channels, for f that adds to what is there.
template <class F>
EK_INLINE void for_vectors(int64_t c, const F& f) {
  int64_t i = 0;
  for (; i + VF <= c; i += VF) f(i, Whole{});
  if (i < c) f(i, Part{c - i});
}

// The same for f that writes, which may be done twice: the last vector is moved back over the one before it rather than
// cut short, and where there is `room` lanes beyond c fall on the pixels that follow, which are written later.
template <class F>
EK_INLINE void for_written(int64_t c, bool room, const F& f) {
  int64_t i = 0;
  for (; i + VF <= c; i += VF) f(i, Whole{});
  if (i == c) return;
  if (c > VF)
    f(c - VF, Whole{});
  else if (room)
    f(0, Whole{});
  else
    f(0, Part{c});
}

// A window: where it starts, its taps inside the input, floats from tap to tap, and whether a vector that begins at its
// output or last tap ends inside their rows.
struct Window {
  int h0, w0;
  Taps v, u;
  int64_t down, right;
  bool room;
};

// Whether windows lie side by side, every pixel of their rows in just one of them: what loops call TILED.
EK_INLINE bool tiled(const ek_pool2d_shape& s) {
  return s.stride_w == s.kw && s.stride_h >= s.kh && s.dilation_w == 1 && s.dilation_h == 1 && s.pad_left == 0 &&
         s.ow * s.kw == s.w;
}

// The windows of a row of outputs; u and w0 are set for each.
EK_INLINE Window window_row(const ek_pool2d_shape& s, int oh) {
  const int h0 = oh * s.stride_h - s.pad_top;
  return {h0,
          0,
          taps_inside(h0, s.kh, s.dilation_h, s.h),
          {},
          int64_t{s.dilation_h} * s.w * s.c,
          int64_t{s.dilation_w} * s.c,
          false};
}
template <bool TILED>
EK_INLINE void window_column(const ek_pool2d_shape& s, int ow, Window& n) {
  const int left = s.ow - ow;
  n.w0 = ow * s.stride_w - s.pad_left;
  n.u = TILED ? Taps{0, s.kw} : taps_inside(n.w0, s.kw, s.dilation_w, s.w);
  n.room = (TILED ? left : smaller(left, s.w - n.w0 - (s.kw - 1) * s.dilation_w)) * int64_t{s.c} >= VF;
}

// f(input, row, column) for every tap of the window at p. K > 0: a full K x K window.
template <int K, class F>
EK_INLINE void for_taps(const Window& n, const float* p, const F& f) {
  const Taps v = K > 0 ? Taps{0, K} : n.v, u = K > 0 ? Taps{0, K} : n.u;
#pragma GCC unroll 3
  for (int i = v.begin; i < v.end; ++i)
#pragma GCC unroll 3
    for (int j = u.begin; j < u.end; ++j) f(p + i * n.down + j * n.right, i, j);
}

// pixel(window, its input, output index) for every output pixel, rows of outputs in parallel.
template <bool TILED, class F>
static inline void for_windows(const ek_pool2d_shape& s, const float* x, const F& pixel) {
  const int64_t row = int64_t{s.w} * s.c, work = larger(1, row * smaller(s.stride_h, s.kh));
  const int64_t rows = int64_t{s.n} * s.oh;
  parallel(rows, ceil_div(even_grain(rows * work), work), [=, &s](int64_t begin, int64_t end) EK_FLAT {
    for (int64_t r = begin; r < end; ++r) {
      Window n = window_row(s, static_cast<int>(r % s.oh));
      const float* line = x + (r / s.oh * s.h + n.h0) * row;
      for (int ow = 0; ow < s.ow; ++ow) {
        window_column<TILED>(s, ow, n);
        pixel(n, line + int64_t{n.w0} * s.c, (r * s.ow + ow) * s.c);
      }
    }
  });
}

// f(j, input) for the taps of a row of the window, p being under tap 0. K > 0: all K of them.
template <int K, class F>
EK_INLINE void for_columns(const Window& n, float* p, const F& f) {
  const Taps u = K > 0 ? Taps{0, K} : n.u;
#pragma GCC unroll 3
  for (int j = u.begin; j < u.end; ++j) f(j, p + j * n.right);
}

// pixel(window, i, gx under tap (i, 0), output index) for every window and row i of its taps, which adds to gx, or
// writes it where windows are TILED. Rows of gx are independent, so that windows may overlap without races.
template <bool TILED, class F>
static inline void for_windows_grad(const ek_pool2d_shape& s, float* gx, const F& pixel) {
  const int64_t row = int64_t{s.w} * s.c, rows = int64_t{s.n} * s.h;
  parallel(rows, ceil_div(even_grain(rows * row), larger(row, 1)), [=, &s](int64_t begin, int64_t end) EK_FLAT {
    for (int64_t r = begin; r < end; ++r) {
      const int h = static_cast<int>(r % s.h);
      bool written = false;
      if (!TILED) memset(gx + r * row, 0, row * sizeof(float));
      for (int i = 0; i < s.kh; ++i) {
        const int start = h + s.pad_top - i * s.dilation_h, oh = start / s.stride_h;
        if (start < 0) break;
        if (start % s.stride_h != 0 || oh >= s.oh) continue;
        written = true;
        Window n = window_row(s, oh);
        int64_t out = (r / s.h * s.oh + oh) * s.ow * s.c;
        for (int ow = 0; ow < s.ow; ++ow, out += s.c) {
          window_column<TILED>(s, ow, n);
          pixel(n, i, gx + r * row + int64_t{n.w0} * s.c, out);
        }
      }
      if (TILED && !written) memset(gx + r * row, 0, row * sizeof(float));
    }
  });
}
}  // namespace ek::EK_ISA
