// Max pooling, channels-last: forward beside gradient. A position is the tap of the maximum, held as a float in
// registers and as a byte (int32_t where the window has more than 256 taps) in memory.
#include "error.h"
#include "isa.h"
#include "pool2d.h"

EK_KERNEL(void, max_pool2d, (const ek_pool2d_shape& s, const float* x, float* y, void* position))
EK_KERNEL(void, max_pool2d_grad, (const ek_pool2d_shape& s, const float* gy, const void* position, float* gx))

namespace ek::EK_ISA {
// Stands for positions that nobody wants.
struct Nothing {
  Nothing operator+(int64_t) const { return *this; }
};
EK_INLINE void store(Nothing, vf, int64_t) {}

#if defined(__AVX2__)
EK_INLINE void store(uint8_t* p, vf tap, int64_t lanes) {
  const __m256i t = _mm256_cvtps_epi32(tap);
  const __m128i words = _mm_packus_epi32(_mm256_castsi256_si128(t), _mm256_extracti128_si256(t, 1));
  const __m128i bytes = _mm_packus_epi16(words, words);
  if (lanes >= VF) {
    _mm_storel_epi64((__m128i*)p, bytes);
  } else {
    const int64_t eight = _mm_cvtsi128_si64(bytes);
    memcpy(p, &eight, lanes);
  }
}
EK_INLINE void store(int32_t* p, vf tap, int64_t lanes) {
  const vf t = _mm256_castsi256_ps(_mm256_cvtps_epi32(tap));
  lanes >= VF ? store((float*)p, t) : store_part((float*)p, t, lanes);
}
EK_INLINE vf load(const int32_t* p) { return _mm256_cvtepi32_ps(_mm256_loadu_si256((const __m256i*)p)); }
EK_INLINE vf load_part(const int32_t* p, int64_t n) {
  return _mm256_cvtepi32_ps(_mm256_maskload_epi32(p, _mm256_castps_si256(part(n))));
}
#else
template <class P>
EK_INLINE void store(P* p, vf tap, int64_t) {
  *p = static_cast<P>(tap);
}
EK_INLINE vf load(const int32_t* p) { return static_cast<vf>(*p); }
EK_INLINE vf load_part(const int32_t* p, int64_t) { return load(p); }
#endif

struct Window {
  Taps v, u;            // taps inside the input, down and to the right
  int kw;               // taps of a row
  int64_t down, right;  // floats from tap to tap
};

struct Best {
  vf value, tap;
};

// The maximum over the window at p. The first one wins, and NaN over everything (the last one, as in PyTorch).
// K > 0: a full K x K window.
template <int K, class Load>
EK_INLINE Best best(const Window& n, const float* p, const Load& load) {
  const Taps v = K > 0 ? Taps{0, K} : n.v, u = K > 0 ? Taps{0, K} : n.u;
  const int kw = K > 0 ? K : n.kw;
  Best b = {set(-INFINITY), set(static_cast<float>(v.begin * kw + u.begin))};
#pragma GCC unroll 3
  for (int i = v.begin; i < v.end; ++i)
#pragma GCC unroll 3
    for (int j = u.begin; j < u.end; ++j) {
      const vf x = load(p + i * n.down + j * n.right);
      const vf better = bit_or(gt(x, b.value), ne(x, x));
      b.value = select(better, x, b.value);
      b.tap = select(better, set(static_cast<float>(i * kw + j)), b.tap);
    }
  return b;
}

// One output pixel of c channels; P is Nothing or a pointer to positions.
template <int K, class P>
EK_INLINE void pixel(const Window& n, int64_t c, const float* x, float* y, P position) {
  int64_t i = 0;
  for (; i + VF <= c; i += VF) {
    const Best b = best<K>(n, x + i, [](const float* p) { return load(p); });
    store(y + i, b.value);
    store(position + i, b.tap, VF);
  }
  if (i == c) return;
  const int64_t lanes = c - i;
  const Best b = best<K>(n, x + i, [=](const float* p) { return load_part(p, lanes); });
  store_part(y + i, b.value, lanes);
  store(position + i, b.tap, lanes);
}

template <int K, class P>
static void forward(const ek_pool2d_shape& s, const float* x, float* y, P position) {
  const int64_t row = int64_t{s.w} * s.c;
  pool_rows(s, [=, &s](int64_t image, int64_t out, int h0, Taps v) {
    Window n = {v, {0, 0}, s.kw, s.dilation_h * row, int64_t{s.dilation_w} * s.c};
    for (int ow = 0; ow < s.ow; ++ow) {
      const int w0 = ow * s.stride_w - s.pad_left;
      n.u = taps_inside(w0, s.kw, s.dilation_w, s.w);
      const int64_t from = (image * s.h + h0) * row + int64_t{w0} * s.c, to = (out * s.ow + ow) * s.c;
      const bool full = n.v.end - n.v.begin == K && n.u.end - n.u.begin == K;
      if (K > 0 && full)
        pixel<K>(n, s.c, x + from, y + to, position + to);
      else
        pixel<0>(n, s.c, x + from, y + to, position + to);
    }
  });
}

template <class P>
static void forward_any(const ek_pool2d_shape& s, const float* x, float* y, P position) {
  if (s.kh == 2 && s.kw == 2)
    forward<2>(s, x, y, position);
  else if (s.kh == 3 && s.kw == 3)
    forward<3>(s, x, y, position);
  else
    forward<0>(s, x, y, position);
}

// gx = sum of gy over the windows whose maximum the pixel is
template <class P>
static void gradient(const ek_pool2d_shape& s, const float* gy, const P* position, float* gx) {
  pool_grad_rows(s, gx, [=, &s](float* to, int64_t out, int tap) {
    for (int ow = 0; ow < s.ow; ++ow) {
      const int w0 = ow * s.stride_w - s.pad_left;
      const Taps u = taps_inside(w0, s.kw, s.dilation_w, s.w);
      const int64_t from = (out * s.ow + ow) * s.c;
      for (int j = u.begin; j < u.end; ++j) {
        float* p = to + (w0 + j * s.dilation_w) * int64_t{s.c};
        const vf here = set(static_cast<float>(tap * s.kw + j));
        const auto pass = [=](vf g, vf sum, vf t) { return add(sum, bit_and(eq(t, here), g)); };
        int64_t c = 0;
        for (; c + VF <= s.c; c += VF) store(p + c, pass(load(gy + from + c), load(p + c), load(position + from + c)));
        const int64_t rest = s.c - c;
        if (rest > 0)
          store_part(p + c,
                     pass(load_part(gy + from + c, rest), load_part(p + c, rest), load_part(position + from + c, rest)),
                     rest);
      }
    }
  });
}

static bool wide(const ek_pool2d_shape& s) { return int64_t{s.kh} * s.kw > 256; }

void max_pool2d(const ek_pool2d_shape& s, const float* x, float* y, void* position) {
  if (!position)
    forward_any(s, x, y, Nothing());
  else if (wide(s))
    forward_any(s, x, y, static_cast<int32_t*>(position));
  else
    forward_any(s, x, y, static_cast<uint8_t*>(position));
}

void max_pool2d_grad(const ek_pool2d_shape& s, const float* gy, const void* position, float* gx) {
  if (wide(s))
    gradient(s, gy, static_cast<const int32_t*>(position), gx);
  else
    gradient(s, gy, static_cast<const uint8_t*>(position), gx);
}
}  // namespace ek::EK_ISA

#ifdef EK_BASE
extern "C" {
int ek_max_pool2d(const ek_pool2d_shape* shape, const float* x, float* y, void* position) {
  return ek::guarded([&] { EK_CALL(max_pool2d, *shape, x, y, position); });
}
int ek_max_pool2d_grad(const ek_pool2d_shape* shape, const float* gy, const void* position, float* gx) {
  return ek::guarded([&] { EK_CALL(max_pool2d_grad, *shape, gy, position, gx); });
}
}
#endif
